#include "run/in_memory.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"

enum { QUIET = K_ATTR_NOSUID | K_ATTR_NODEV };

int memory_directory(const char *size, const char *where) {
    const char *options[] = {"mode", "1777", size ? "size" : NULL, size, NULL};
    return must(new_file_system("tmpfs", options, QUIET), "make in memory", where);
}

static void copy(int from, int to, const char *where) {
    char piece[1 << 14];
    off_t at = 0;
    for (ssize_t n; (n = pread(from, piece, sizeof piece, at)) != 0; at += n) {
        must((int)n, "read what is for", where);
        must(write(to, piece, (size_t)n) == n ? 0 : -1, "keep in memory", where);
    }
}

int memory_file(int content, uid_t uid, gid_t gid, int root, const char *where) {
    static const char *const options[] = {"mode", "0700", NULL};
    struct stat st;
    must(fstat(content, &st), "read what is for", where);
    int memory =
        must(new_file_system("tmpfs", options, QUIET | K_ATTR_NOEXEC), "make in memory", where);
    /* Before Linux 6.15 only an attached mount can be cloned: for a moment it is there. */
    attach(memory, openat(root, "proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "/proc");
    int fd = must(openat(memory, "file", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600),
                  "keep in memory", where);
    copy(content, fd, where);
    /* Without subordinate ids only root exists in an image, whose file it then is. */
    if (fchown(fd, uid, gid) < 0 && errno != EINVAL)
        must(-1, "give to the user", where);
    must(fchmod(fd, st.st_mode & 07777), "set the mode of", where);
    close(fd);
    int tree = must(k_clone_tree(memory, "file"), "keep in memory", where);
    must(k_mount_limit(tree, K_ATTR_RDONLY), "make read-only", where);
    char *path = must_print("/proc/self/fd/%d", memory);
    must(umount2(path, MNT_DETACH), "let go of the memory for", where);
    free(path);
    close(memory);
    return tree;
}
