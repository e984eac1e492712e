#include "image/rootfs_mount.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "image/upper_in_memory.h"
#include "mount/overlay.h"

static int mount_itself(const char *path, uint64_t attributes) {
    int root = must(tree_of_host(path, false), "open", path);
    struct k_mount_attr limits = {.set = attributes};
    must(k_mount_setattr(root, "", K_EMPTY_PATH | K_RECURSIVE, &limits), "mount", path);
    return root;
}

int rootfs_mount(const char *path, uint64_t attributes, uint64_t in_memory) {
    if (!in_memory)
        return mount_itself(path, attributes);
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int below = must(open(path, flags), "open", path);
    int memory = ram_make(path, in_memory); /* over it, where nobody else sees it */
    struct overlay o = {.lowers = {below},
                        .count = 1,
                        .upper = must(openat(memory, "data", flags), "open", "data in memory"),
                        .work = must(openat(memory, "work", flags), "open", "work in memory"),
                        .userxattr = true,
                        .source = "plashui-rootfs",
                        .what = path,
                        .attributes = attributes};
    int root = overlay_mount(&o);
    close(memory);
    close(o.upper);
    close(o.work);
    close(below);
    return root;
}
