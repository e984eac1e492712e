#include "onefile/chroot.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <linux/capability.h>

#include "base/environment.h"
#include "base/fail.h"
#include "base/rooted_path.h"
#include "onefile/cache.h"
#include "onefile/start.h"
#include "process/monitor.h"

static const char step[] = "enter by chroot", thing[] = "the app";

struct alone {
    struct contents *contents;
    struct isolation *isolation;
    char **command;
    struct own_copy copy;
    int root;
};

bool chroot_is_wanted(void) {
    return start_way() == WAY_CHROOT;
}

bool chroot_is_possible(void) {
    return geteuid() == 0 && prctl(PR_CAPBSET_READ, CAP_SYS_CHROOT) == 1;
}

/* ---- in the keeper */

/* Of what is there, as far as this process may make it. */
static void make_devices(int root) {
    static const struct {
        const char *name;
        unsigned minor;
    } devices[] = {{"null", 3}, {"zero", 5}, {"full", 7}, {"random", 8}, {"urandom", 9}};
    int dev = inside_reach(root, "dev", true);
    bool made = dev >= 0;
    for (size_t i = 0; made && i < sizeof devices / sizeof *devices; i++) {
        const char *name = devices[i].name;
        made = (mknodat(dev, name, S_IFCHR | 0666, makedev(1, devices[i].minor)) == 0 &&
                fchmodat(dev, name, 0666, 0) == 0) ||
               errno == EEXIST;
    }
    if (!made)
        remark("the app has neither /proc nor devices such as /dev/null, since nothing can be "
               "mounted here and no devices made");
    if (dev >= 0)
        close(dev);
}

static void copy_of_machine(int root, const char *path) {
    char text[64 * 1024];
    int from = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = from < 0 ? -1 : read(from, text, sizeof text);
    int etc = n < 0 ? -1 : inside_reach(root, "etc", true);
    const char *name = strrchr(path, '/') + 1;
    if (etc >= 0) {
        unlinkat(etc, name, 0);
        int to = openat(etc, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0644);
        if (to < 0 || write(to, text, (size_t)n) != n)
            must(-1, "write in the app", path);
        close(to);
        close(etc);
    }
    if (from >= 0)
        close(from);
}

static void settle_in(struct isolation *i, int root) {
    char name[256] = "";
    isolate_wish(i, "app");
    must(gethostname(name, sizeof name - 1), "read", "the host name");
    i->hostname = must_copy(name);
    i->who = user_inside(root, i->user, i->where);
    i->path = path_inside(inside_read(root, "etc/environment"));
    i->fence = (struct fence){.host_network = true, .filter = FILTER_WHOLE};
    for (const char **path = i->conf.volumes; *path; path++)
        close(must(inside_reach(root, *path, true), "make a place in the image at", *path));
    close(must(inside_reach(root, "tmp", true), "make a place in the image at", "/tmp"));
    must(fchmodat(root, "tmp", 01777, 0), "make a place in the image at", "/tmp");
    close(must(inside_reach(root, i->directory, true), "make the directory", i->directory));
    if (i->network && !i->own_names) {
        copy_of_machine(root, "/etc/resolv.conf");
        copy_of_machine(root, "/etc/hosts");
    }
    i->place = isolate_directory(root, i->directory);
}

static void prepare(void *of) {
    struct alone *a = of;
    const char *why = contents_unpack(a->contents, a->copy.rootfs, map_here(), false);
    if (why)
        refuse("cannot unpack the app: %s", why);
    a->root = a->copy.rootfs;
    make_devices(a->root);
    settle_in(a->isolation, a->root);
}

/* ---- in the payload */

static void payload(void *of) {
    struct alone *a = of;
    must(fchdir(a->root), step, thing);
    must(chroot("."), step, thing);
    isolate_become(a->isolation, a->command, false);
}

/* ---- outside */

static struct alone alone;

static void undo(void) {
    cache_remove_own(&alone.copy);
}

static void forget(void *of) {
    cache_remove_own(&((struct alone *)of)->copy);
}

int chroot_run(struct contents *c, struct isolation *i, char **command) {
    if (!chroot_is_possible())
        fail((struct failure){.step = step,
                              .thing = thing,
                              .reason = "only root with CAP_SYS_CHROOT can",
                              .remedy = "Start the container without --user, or as any user with "
                                        "--security-opt seccomp=unconfined and without "
                                        "PLASH_APP_WAY=chroot"});
    if (c->beside)
        refuse("an app that is unpacked is run by `chroot %s/rootfs` here", c->beside);
    contents_rootfs(c); /* or fail before anything is made */
    alone = (struct alone){.contents = c, .isolation = i, .command = command};
    alone.copy = cache_make_own(c);
    on_failure(undo);
    int outcome = outcome_of(&(struct job){.prepare = prepare,
                                           .payload = payload,
                                           .alone = forget,
                                           .of = &alone,
                                           .door = -1,
                                           .lifeline = -1,
                                           .leaves_none = true});
    undo();
    return outcome;
}
