#include "attach.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "kernel.h"
#include "must.h"

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
    int tree = k_open_tree(AT_FDCWD, path, K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | K_RECURSIVE);
    struct k_mount_attr attr = {.set = read_only ? K_ATTR_RDONLY : 0, .propagation = MS_PRIVATE};
    if (tree >= 0)
        must(k_mount_setattr(tree, "", K_EMPTY_PATH | K_RECURSIVE, &attr),
             "keep apart from the host's mounts", path);
    return tree;
}

void attach(int mount, int spot, const char *where) {
    must(spot, "make a place in the image at", where);
    must(mount, "make a file system for", where);
    must(k_move_mount(mount, spot, "", K_MOVE_TO_FD), "attach in the image at", where);
    close(spot);
}
