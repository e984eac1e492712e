#include "mount/overlay.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "userns/userns.h"

/* Never one lowerdir= string of paths: mount(2) cuts its options at a page without a
 * word and then mounts the wrong stack. Instead, layers go to the kernel one by one:
 *   tier 1  as ".", from within each            (Linux 6.5)
 *   tier 2  as descriptors                      (Linux 6.13)
 *   tier 3  as bare descriptor numbers, mount(2) from within /proc/self/fd; 500 of them
 *           are half a page                     (any)
 * Of a descriptor the kernel notes the whole path, which takes twice as long with a hundred
 * layers; but it needs no right to enter the directory.
 * A kernel says only at the very end that it does not know a way, so each is tried to
 * the end. */
enum { TIERS = 3 };

bool overlay_uses_userxattr(const struct store *s) {
    return in_a_userns() || s->owner != 0;
}

static int trouble(struct overlay_trouble *why, int fs, const char *step) {
    why->step = step;
    why->error = errno;
    if (fs >= 0) {
        /* The context's log: "e overlay: Unknown parameter 'x'" */
        ssize_t n = read(fs, why->kernel, sizeof why->kernel - 1);
        why->kernel[n > 0 ? n : 0] = 0;
        why->kernel[strcspn(why->kernel, "\n")] = 0;
        close(fs);
    }
    return -1;
}

static int set_directory(int fs, int tier, const char *key, int fd) {
    if (tier == 2)
        return k_fsconfig(fs, K_SET_FD, key, NULL, fd);
    return fchdir(fd) < 0 ? -1 : k_fsconfig(fs, K_SET_STRING, key, ".", 0);
}

/* Said outright, because distributions differ in the defaults: layers that redirect, or
 * that hold metadata without data, could be read by nobody else. Root follows the
 * redirects which the old program may have written. */
static const char *redirects(const struct overlay *o) {
    return o->userxattr ? "nofollow" : "follow";
}

static int by_context(struct overlay *o, struct overlay_trouble *why) {
    int fs = k_fsopen("overlay");
    if (fs < 0)
        return trouble(why, -1, "open an overlay context");
    for (int i = 0; i < o->count; i++)
        if (set_directory(fs, o->tier, "lowerdir+", o->lowers[i]) < 0)
            return trouble(why, fs, "add a layer to the overlay");
    if (o->upper >= 0 && (set_directory(fs, o->tier, "upperdir", o->upper) < 0 ||
                          set_directory(fs, o->tier, "workdir", o->work) < 0))
        return trouble(why, fs, "add the writable layer to the overlay");

    const char *const options[][2] = {{"source", o->source},
                                      {"redirect_dir", redirects(o)},
                                      {"metacopy", "off"},
                                      {"index", "off"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (k_fsconfig(fs, K_SET_STRING, options[i][0], options[i][1], 0) < 0)
            return trouble(why, fs, "set an option of the overlay");
    if (o->userxattr && k_fsconfig(fs, K_SET_FLAG, "userxattr", NULL, 0) < 0)
        return trouble(why, fs, "set an option of the overlay");
    /* Both only save work; older kernels know them not. Without uuid=null an attribute is
     * written to the root of the writable layer. */
    if (o->upper >= 0) {
        k_fsconfig(fs, K_SET_STRING, "uuid", "null", 0);
        if (o->unsynced)
            k_fsconfig(fs, K_SET_FLAG, "volatile", NULL, 0);
    }

    if (k_fsconfig(fs, K_CREATE, NULL, NULL, 0) < 0)
        return trouble(why, fs, "mount the overlay");
    /* Another tier would find the changes marked by this one, and give that as the reason. */
    int mount = must(k_fsmount(fs, (unsigned)o->attributes), "mount the overlay of", o->what);
    close(fs);
    return mount;
}

static int by_numbers(struct overlay *o, struct overlay_trouble *why) {
    char options[4096];
    size_t n = (size_t)snprintf(options, sizeof options, "lowerdir=");
    for (int i = 0; i < o->count && n < sizeof options; i++)
        n += (size_t)snprintf(options + n, sizeof options - n, "%s%d", i ? ":" : "", o->lowers[i]);
    if (o->upper >= 0 && n < sizeof options)
        n += (size_t)snprintf(options + n, sizeof options - n, ",upperdir=%d,workdir=%d%s",
                              o->upper, o->work, o->unsynced ? ",volatile" : "");
    if (n < sizeof options)
        n += (size_t)snprintf(options + n, sizeof options - n,
                              ",redirect_dir=%s,metacopy=off,index=off%s", redirects(o),
                              o->userxattr ? ",userxattr" : "");
    if (n >= sizeof options - 1) {
        errno = E2BIG;
        return trouble(why, -1, "mount the overlay");
    }

    unsigned long flags = (o->attributes & K_ATTR_NOSUID ? MS_NOSUID : 0) |
                          (o->attributes & K_ATTR_NODEV ? MS_NODEV : 0);
    /* mount(2) wants a place. The mount is taken from there again at once, so any
     * directory will do that can be told apart from its surroundings. */
    if (chdir("/proc/self/fd") < 0)
        return trouble(why, -1, "enter /proc/self/fd");
    if (mount(o->source, "/", "overlay", flags, options) < 0)
        return trouble(why, -1, "mount the overlay");
    /* "/.." at the top crosses into what is mounted on "/". */
    int clone = k_clone_tree(AT_FDCWD, "/..");
    int error = errno;
    must(umount2("/..", MNT_DETACH), "unmount the overlay from", "/");
    errno = error;
    return clone < 0 ? trouble(why, -1, "take the overlay from where it was mounted") : clone;
}

/* Every tier but the second goes from directory to directory. */
int overlay_try(struct overlay *o, struct overlay_trouble *why) {
    int mount = -1, here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    *why = (struct overlay_trouble){.error = EINVAL}; /* of a tier there is not */
    for (int tier = overlay_first_tier; mount < 0 && tier <= TIERS; tier++) {
        *why = (struct overlay_trouble){0};
        o->tier = tier;
        mount = tier < 3 ? by_context(o, why) : by_numbers(o, why);
    }
    if (here < 0 || fchdir(here) < 0)
        must(chdir("/"), "enter", "/");
    if (here >= 0)
        close(here);
    return mount;
}

bool overlay_writes_to(int dir) {
    struct statfs fs;
    return fstatfs(dir, &fs) < 0 ||
           (fs.f_type != OVERLAYFS_SUPER_MAGIC && fs.f_type != NFS_SUPER_MAGIC &&
            fs.f_type != MSDOS_SUPER_MAGIC && fs.f_type != FUSE_SUPER_MAGIC);
}

/* The kernel often says no more than "Invalid argument"; the rest is in its log, which
 * plain users may not read. So the usual causes are looked for. */
struct failure overlay_diagnosis(const struct overlay *o, const struct overlay_trouble *why) {
    struct failure f = {.step = "mount the overlay of", .thing = o->what, .error = why->error};
    struct stat st;
    if (why->error == ENODEV) {
        f.reason = "this kernel has no overlay file system";
        f.remedy = "As root: modprobe overlay";
        f.hint = "no-overlay";
    } else if (why->error == EPERM) {
        f.reason = unshare_forbidden() ? "PLASH_NO_UNSHARE is set, and only root mounts without a "
                                         "namespace"
                                       : "the kernel does not let plain users mount overlays";
        f.remedy = unshare_forbidden() ? "Unset it" : "Linux 5.11 and newer do";
        f.hint = "overlay-eperm";
    } else if (why->error == EINVAL && o->upper >= 0 &&
               fstatat(o->work, "work/incompat/volatile", &st, AT_SYMLINK_NOFOLLOW) == 0) {
        f.reason = "its changes were being written when the machine or the program went down";
        f.remedy = "Start again with an empty directory for the changes";
        f.hint = "volatile-leftover";
    } else if (why->error == EINVAL && o->upper >= 0 && !overlay_writes_to(o->upper)) {
        f.reason = "an overlay, NFS, FAT or FUSE file system cannot hold its changes";
        f.remedy = "Put the store (PLASH_DATA) on a local disk file system";
        f.hint = "upper-fs";
    } else if (why->error == EINVAL && o->count >= MOST_LOWERS) {
        f.reason = "it has too many layers";
        f.remedy = "Merge layers with `plash squash`";
        f.hint = "depth";
    } else if (why->error == ENOSPC) {
        f.reason = "there are too many mounts, or the disk is full";
        f.remedy = "As root: sysctl fs.mount-max=200000, or free some space";
        f.hint = "mount-max";
    } else if (*why->kernel) {
        f.reason = why->kernel;
    }
    return f;
}

int overlay_mount(struct overlay *o) {
    struct overlay_trouble why;
    int mount = overlay_try(o, &why);
    if (mount < 0)
        fail(overlay_diagnosis(o, &why));
    return mount;
}
