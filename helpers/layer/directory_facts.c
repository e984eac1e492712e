#include "layer/directory_facts.h"

#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"

enum { MOST_VALUE = 65536 };

static bool is_mark(const char *name) {
    return strstr(name, ".overlay.") || strstr(name, ".fuseoverlayfs.");
}

/* Those that we may not set are the system's own. */
static void copy_attributes(int from, int to, const char *path) {
    static char names[MOST_VALUE], value[MOST_VALUE];
    ssize_t length = flistxattr(from, names, sizeof names);
    if (length < 0 && errno == EOPNOTSUPP)
        return;
    must(length < 0 ? -1 : 0, "list the attributes of", path);
    for (const char *name = names; name < names + length; name += strlen(name) + 1) {
        ssize_t size = is_mark(name) ? -1 : fgetxattr(from, name, value, sizeof value);
        if (size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0 && errno != EPERM &&
            errno != EOPNOTSUPP)
            must(-1, "set an attribute of", path);
    }
}

void facts_copy(int from, int to, const char *path) {
    struct stat st, here;
    must(fstat(from, &st), "look in a layer below at", path);
    must(fstat(to, &here), "look in the layer at", path);
    if (st.st_uid != here.st_uid || st.st_gid != here.st_gid)
        must(fchown(to, st.st_uid, st.st_gid), "set the owner of", path);
    must(fchmod(to, st.st_mode & 07777), "set the mode of", path);
    copy_attributes(from, to, path);
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    must(futimens(to, times), "set the time of", path);
}
