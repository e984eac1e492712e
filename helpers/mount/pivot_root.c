#include "mount/pivot_root.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"
#include "userns/diagnosis.h"

int mounts_try_to_become_ours(void) {
    return mount("none", "/", NULL, MS_REC | MS_SLAVE, NULL);
}

void mounts_become_ours(void) {
    if (mounts_try_to_become_ours() < 0)
        fail(diagnosis_of_mounts(errno));
}

struct identity namespaces_enter(void) {
    struct becoming me = userns_begin(CLONE_NEWNS);
    if (!unshare_forbidden())
        mounts_become_ours(); /* while others map the ids */
    return userns_complete(&me);
}

void root_attach(int root, int place) {
    if (place < 0)
        must(k_move_mount(root, AT_FDCWD, "/", 0), "attach", "the image");
    else
        must(k_move_mount(root, place, "", K_MOVE_TO_FD), "attach", "the image");
}

/* Unlike after a chroot, programs inside may make user namespaces. */
void root_enter(int root, int host) {
    char old[32] = ".";
    must(fchdir(root), "enter", "the image");
    if (host >= 0)
        snprintf(old, sizeof old, "/proc/self/fd/%d", host);
    if (host < 0 || syscall(SYS_pivot_root, ".", old) < 0) {
        /* With both names the same, the old root ends up on top of the new one, and the
         * unmount takes it off. */
        if (syscall(SYS_pivot_root, ".", ".") == 0)
            must(umount2(".", MNT_DETACH), "let go of", "the host's root directory");
        else if (errno == EPERM) /* by a container's filter; it covers the whole old root, then */
            must(chroot("."), "make the root directory of", "the image");
        else
            must(-1, "make the root directory of", "the image");
    }
    must(chdir("/"), "enter", "/");
}

void root_enter_alone(int root) {
    must(fchdir(root), "enter", "the image");
    must(chroot("."), "make the root directory of", "the image");
    must(chdir("/"), "enter", "/");
}

void root_detach(int root) {
    char *path = must_print("/proc/self/fd/%d", root);
    must(umount2(path, MNT_DETACH), "unmount", "the image");
    free(path);
}

void directory_keep(const char *directory) {
    if (!directory || chdir(directory) < 0)
        must(chdir("/"), "enter", "/");
}
