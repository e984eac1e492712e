#include "layer/copy_attributes.h"

#include <fcntl.h>
#include <linux/limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"

/* The overlay's marks are not the file's, and SELinux gives a label of its own accord. */
static bool is_copied(const char *attribute) {
    return strncmp(attribute, "user.overlay.", 13) != 0 &&
           strncmp(attribute, "trusted.overlay.", 16) != 0 &&
           strcmp(attribute, "security.selinux") != 0;
}

/* By name, from the working directory: this works for every kind of file, even a link. */
static void copy_extended(int from, const char *source, int to, const char *name,
                          const char *path) {
    static char names[XATTR_LIST_MAX], value[XATTR_SIZE_MAX];
    must(fchdir(from), "copy", path);
    ssize_t length = llistxattr(source, names, sizeof names);
    if (length < 0 && errno != EOPNOTSUPP)
        must(-1, "read the attributes of", path);
    for (char *at = names; at < names + (length > 0 ? length : 0); at += strlen(at) + 1) {
        if (!is_copied(at))
            continue;
        must(fchdir(from), "copy", path);
        ssize_t n = lgetxattr(source, at, value, sizeof value);
        if (n < 0)
            must(-1, must_print("read the attribute %s of", at), path);
        must(fchdir(to), "copy", path);
        if (lsetxattr(name, at, value, (size_t)n, 0) < 0)
            must(-1, must_print("set the attribute %s of", at), path);
    }
}

/* The mode after the owner, whose change takes setuid bits and capabilities away; and after
 * the attributes, which cannot be written to what is read-only. */
void copy_attributes(int from, const char *source, int to, const char *name, const struct stat *st,
                     const char *path) {
    must(fchownat(to, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW), "give its owner to",
         path);
    copy_extended(from, source, to, name, path);
    if (!S_ISLNK(st->st_mode))
        must(fchmodat(to, name, st->st_mode & 07777, 0), "give its mode to", path);
    struct timespec times[] = {st->st_atim, st->st_mtim};
    must(utimensat(to, name, times, AT_SYMLINK_NOFOLLOW), "give its time to", path);
}
