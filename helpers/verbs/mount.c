/* mount and umount — an image where every program sees it. */
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/options.h"
#include "image/fuse_overlay.h"
#include "image/image_mount.h"
#include "mount/mountinfo.h"
#include "mount/pivot_root.h"
#include "process/procfs.h"
#include "store/last_use.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

/* Absolute and without links, as the mount table has it. A mount whose server has died can
 * still be named, but not looked at. */
static char *real_place(const char *step, const char *path) {
    char *real = realpath(path, NULL);
    if (!real && errno == ENOTCONN) {
        char *above = realpath(dirname(must_copy(path)), NULL);
        const char *slash = above && strcmp(above, "/") != 0 ? "/" : "";
        real = above ? must_print("%s%s%s", above, above[1] ? slash : "", basename(must_copy(path)))
                     : NULL;
    }
    return must_have(real, step, path);
}

/* Mount in a new mount namespace, and attach the result in the caller's: on kernels before 6.5 it
 * is on "/" for a moment (overlay.c). */
static void kernel_mount(struct mounting *m, int place) {
    static const char mounts[] = "/proc/self/ns/mnt";
    int here = must(open(mounts, O_RDONLY | O_CLOEXEC), "open", mounts);
    if (namespaces_enter().map != MAP_ROOT)
        refuse("cannot mount image %s: root may not mount anything here", m->image.id);
    int mount = mount_image(m, NULL);
    must(setns(here, CLONE_NEWNS), "go back to", "the mounts of the host");
    root_attach(mount, place);
}

int verb_mount(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 2, 3);
    struct store s = store_here();
    struct mounting m = {.store = s.path, .image = image_with_files(&s, argv[at])};
    int lock = image_lock(&s, &m.image);
    lastuse_note(&s, &m.image);

    const char *step = "mount at", *place = real_place(step, argv[at + 1]);
    struct mounted there;
    if (mount_at(place, &there) && mount_is_ours(&there, s.path))
        fail((struct failure){.step = step,
                              .thing = place,
                              .reason = "an image is already mounted there",
                              .remedy = "Unmount it first, with `plash umount`"});
    int spot = must(open(place, O_PATH | O_DIRECTORY | O_CLOEXEC), step, place);

    bool root = geteuid() == 0;
    if (!root)
        fuse_check(&m);

    const char *directory = argv[at + 2]; /* NULL after the last word */
    if (directory) {
        if (mkdir(directory, 0700) < 0 && errno != EEXIST)
            must(-1, "keep changes in", directory);
        m.changes = changes_take(directory);
    }
    if (root)
        kernel_mount(&m, spot);
    else
        fuse_overlay_mount(&m, &s, place, lock);
    return 0;
}

static _Noreturn void cannot_unmount(const char *place, int error, const char *reason) {
    struct stat st;
    const char *user = NULL;
    if (error == EBUSY && stat(place, &st) == 0)
        user = process_using(st.st_dev);
    fail((struct failure){.step = "unmount",
                          .thing = place,
                          .error = error,
                          .reason = user ? must_print("%s is using it", user) : reason,
                          .hint = error == EBUSY ? "busy" : NULL});
}

int verb_umount(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    const char *place = real_place("unmount", argv[at]);
    struct mounted m;
    if (!mount_at(place, &m))
        refuse("cannot unmount %s: nothing is mounted there", place);
    if (!mount_is_ours(&m, store_at(store_place()).path))
        refuse("cannot unmount %s: what is mounted there is not an image (%s)", place, m.source);
    bool fuse = !strncmp(m.type, "fuse", 4);
    if (fuse && geteuid() != 0) {
        const char *why = fuse_unmount(place);
        if (why)
            cannot_unmount(place, strstr(why, "busy") ? EBUSY : 0, why);
    } else if (umount2(place, UMOUNT_NOFOLLOW) < 0) {
        cannot_unmount(place, errno, errno == EPERM ? "root has mounted it" : NULL);
    }
    return 0;
}
