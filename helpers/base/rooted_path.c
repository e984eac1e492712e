#include "base/rooted_path.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"

enum { SAFELY = K_IN_ROOT | K_NO_MAGICLINKS };

int inside_read(int root, const char *path) {
    /* Looked at before it is opened: to open a fifo waits, and to open a device may do
     * something. */
    int found = k_openat2(root, path, O_PATH, SAFELY);
    if (found < 0)
        return -1;
    struct stat st;
    int fd = -1;
    if (fstat(found, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= 1 << 20) {
        char again[32];
        snprintf(again, sizeof again, "/proc/self/fd/%d", found);
        fd = open(again, O_RDONLY | O_CLOEXEC);
    }
    close(found);
    return fd;
}

static int make(int dir, const char *name, bool directory) {
    int made = directory ? mkdirat(dir, name, 0755) : mknodat(dir, name, S_IFREG | 0644, 0);
    return made < 0 ? -1 : openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

int inside_reach(int root, const char *path, bool directory) {
    int at = k_openat2(root, path, O_PATH, SAFELY);
    if (at >= 0 || errno != ENOENT)
        return at;
    at = k_openat2(root, ".", O_PATH, SAFELY);
    char *copy = must_copy(path);
    for (char *part = copy + strspn(copy, "/"); at >= 0 && *part;) {
        char *end = part + strcspn(part, "/"), *next = end + strspn(end, "/");
        char was = *end;
        *end = 0;
        int there = k_openat2(root, copy, O_PATH, SAFELY);
        if (there < 0 && errno == ENOENT)
            there = make(at, part, *next || directory);
        int error = errno;
        close(at);
        errno = error;
        *end = was;
        at = there;
        part = next;
    }
    free(copy);
    return at;
}

int inside_claim(int dir, const char *name, bool directory) {
    struct stat st;
    int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0) {
        must(fstat(fd, &st), "look at", name);
        if (S_ISDIR(st.st_mode) == directory)
            return fd;
        close(fd);
        if (unlinkat(dir, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0)
            return -1;
    }
    return make(dir, name, directory);
}

int new_file_system(const char *type, const char *const *options, unsigned attributes) {
    int fs = k_fsopen(type);
    if (fs < 0)
        return -1;
    int mount = 0;
    for (; mount == 0 && *options; options += 2)
        mount = k_fsconfig(fs, K_SET_STRING, options[0], options[1], 0);
    if (mount == 0)
        mount = k_fsconfig(fs, K_CREATE, NULL, NULL, 0);
    if (mount == 0)
        mount = k_fsmount(fs, attributes);
    int error = errno;
    close(fs);
    errno = error;
    return mount;
}

int tree_of_host(const char *path, bool read_only) {
    int tree = k_clone_tree(AT_FDCWD, path);
    struct k_mount_attr attr = {.set = read_only ? K_ATTR_RDONLY : 0, .propagation = MS_PRIVATE};
    if (tree >= 0)
        must(k_mount_setattr(tree, "", K_EMPTY_PATH | K_RECURSIVE, &attr),
             "keep apart from the host's mounts", path);
    return tree;
}

int tree_to_read(const char *path) {
    int tree = tree_of_host(path, true);
    struct k_mount_attr none = {.set = K_ATTR_NODEV};
    if (tree >= 0)
        must(k_mount_setattr(tree, "", K_EMPTY_PATH | K_RECURSIVE, &none),
             "keep from the devices in", path);
    return tree;
}

void attach(int mount, int spot, const char *where) {
    must(spot, "make a place in the image at", where);
    must(mount, "make a file system for", where);
    must(k_move_mount(mount, spot, "", K_MOVE_TO_FD), "attach in the image at", where);
    close(spot);
}
