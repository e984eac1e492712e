/* System calls and constants that some libc or kernel headers lack.
 *
 * They are called by number and have names of our own: the program is the same with every libc. The
 * numbers are the same on every architecture (unified since Linux 5.0). */
#pragma once

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
    NR_OPEN_TREE = 428,
    NR_MOVE_MOUNT = 429,
    NR_FSOPEN = 430,
    NR_FSCONFIG = 431,
    NR_FSMOUNT = 432,
    NR_PIDFD_OPEN = 434,
    NR_CLOSE_RANGE = 436,
    NR_OPENAT2 = 437,
    NR_MOUNT_SETATTR = 442,
    NR_LANDLOCK_CREATE_RULESET = 444,
    NR_LANDLOCK_ADD_RULE = 445,
    NR_LANDLOCK_RESTRICT_SELF = 446,
};

/* include/uapi/linux/mount.h */
enum {
    K_OPEN_TREE_CLONE = 1,
    K_OPEN_TREE_CLOEXEC = O_CLOEXEC,
    K_RECURSIVE = 0x8000,  /* AT_RECURSIVE */
    K_EMPTY_PATH = 0x1000, /* AT_EMPTY_PATH */
    K_MOVE_FROM_FD = 0x4,  /* MOVE_MOUNT_F_EMPTY_PATH */
    K_MOVE_TO_FD = 0x40,   /* MOVE_MOUNT_T_EMPTY_PATH */
    K_FSOPEN_CLOEXEC = 1,
    K_FSMOUNT_CLOEXEC = 1,
    K_SET_FLAG = 0, /* enum fsconfig_command */
    K_SET_STRING = 1,
    K_SET_FD = 5,
    K_CREATE = 6,
    K_ATTR_RDONLY = 1, /* MOUNT_ATTR_… */
    K_ATTR_NOSUID = 2,
    K_ATTR_NODEV = 4,
    K_ATTR_NOEXEC = 8,
    K_CLOSE_RANGE_CLOEXEC = 4,
    K_MEMFD_EXECUTABLE = 0x10, /* MFD_EXEC */
};

struct k_mount_attr {
    uint64_t set, clear, propagation, userns_fd;
};

/* include/uapi/linux/openat2.h */
enum {
    K_NO_XDEV = 0x01,
    K_NO_MAGICLINKS = 0x02,
    K_NO_SYMLINKS = 0x04,
    K_BENEATH = 0x08,
    K_IN_ROOT = 0x10,
};

struct k_open_how {
    uint64_t flags, mode, resolve;
};

static inline int k_open_tree(int dir, const char *path, unsigned flags) {
    return (int)syscall(NR_OPEN_TREE, dir, path, flags);
}
/* Clone a tree with its submounts, as a detached mount. A user namespace may not take it apart. */
static inline int k_clone_tree(int dir, const char *path) {
    return k_open_tree(dir, path,
                       K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC | K_RECURSIVE | K_EMPTY_PATH);
}
static inline int k_move_mount(int from, int to, const char *path, unsigned flags) {
    return (int)syscall(NR_MOVE_MOUNT, from, "", to, path, flags | K_MOVE_FROM_FD);
}
static inline int k_fsopen(const char *type) {
    return (int)syscall(NR_FSOPEN, type, K_FSOPEN_CLOEXEC);
}
static inline int k_fsconfig(int fs, unsigned cmd, const char *key, const char *value, int aux) {
    return (int)syscall(NR_FSCONFIG, fs, cmd, key, value, aux);
}
static inline int k_fsmount(int fs, unsigned attributes) {
    return (int)syscall(NR_FSMOUNT, fs, K_FSMOUNT_CLOEXEC, attributes);
}
static inline int k_pidfd_open(int pid) {
    return (int)syscall(NR_PIDFD_OPEN, pid, 0);
}
static inline int k_close_range(unsigned first, unsigned last, unsigned flags) {
    return (int)syscall(NR_CLOSE_RANGE, first, last, flags);
}
static inline int k_mount_setattr(int dir, const char *path, unsigned flags,
                                  struct k_mount_attr *attr) {
    return (int)syscall(NR_MOUNT_SETATTR, dir, path, flags, attr, sizeof *attr);
}
enum { K_RENAME_NOREPLACE = 1 };
static inline int k_renameat2(int from, const char *old, int to, const char *name, unsigned flags) {
    return (int)syscall(SYS_renameat2, from, old, to, name, flags);
}
/* Set attributes of one mount: K_ATTR_RDONLY and the like. */
static inline int k_mount_limit(int mount, uint64_t attributes) {
    return k_mount_setattr(mount, "", K_EMPTY_PATH, &(struct k_mount_attr){.set = attributes});
}

/* Call openat2 with O_CLOEXEC. The kernel returns EAGAIN if a rename elsewhere on the system may
 * have moved the path outside; then the call is repeated. */
int k_openat2(int dir, const char *path, int flags, unsigned resolve);
