#include "image/rootfs_mount.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "image/upper_in_memory.h"

static uint64_t attributes_of(const struct mounting *m) {
    return (m->setuid ? 0 : K_ATTR_NOSUID) | (m->devices ? 0 : K_ATTR_NODEV);
}

static int mount_itself(const struct mounting *m) {
    int root = must(tree_of_host(m->rootfs, false), "open", m->rootfs);
    struct k_mount_attr limits = {.set = attributes_of(m)};
    must(k_mount_setattr(root, "", K_EMPTY_PATH | K_RECURSIVE, &limits), "mount", m->rootfs);
    return root;
}

int mount_rootfs(struct mounting *m) {
    if (!m->in_memory)
        return mount_itself(m);
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int below = must(open(m->rootfs, flags), "open", m->rootfs);
    int memory = ram_make(m->rootfs, m->in_memory); /* over it, where nobody else sees it */
    struct overlay o = {.lowers = {below},
                        .count = 1,
                        .upper = must(openat(memory, "data", flags), "open", "data in memory"),
                        .work = must(openat(memory, "work", flags), "open", "work in memory"),
                        .userxattr = true,
                        .source = "plashui-rootfs",
                        .what = m->rootfs,
                        .attributes = attributes_of(m)};
    int root = overlay_mount(&o);
    m->tier = o.tier;
    close(memory);
    close(o.upper);
    close(o.work);
    close(below);
    return root;
}
