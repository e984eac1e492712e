/* chroot — a directory becomes "/", with the host's home, devices and network settings in it. */
#include <fcntl.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/inherited.h"
#include "process/monitor.h"
#include "run/host_binds.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct rooted {
    const char *name; /* of the directory that becomes "/" */
    char *directory;  /* where we were called */
    char **command;
    struct flavour flavour;
};

static void chroot_prepare(void *of) {
    struct rooted *r = of;
    struct flavour *f = &r->flavour;
    int place =
        f->shared ? must(open(r->name, O_PATH | O_DIRECTORY | O_CLOEXEC), "enter", r->name) : -1;
    f->root = must(k_clone_tree(AT_FDCWD, r->name), "open", r->name);
    flavour_resolve(f);
    flavour_clone_host(f);
    flavour_read_image(f, !*r->command);
    root_attach(f->root, place);
    flavour_attach(f);
}

static void chroot_payload(void *of) {
    struct rooted *r = of;
    struct flavour *f = &r->flavour;
    if (f->shared)
        root_enter_alone(f->root);
    else
        root_enter(f->root, flavour_place_of_host(f));
    directory_keep(r->directory);
    char **inside = environment_inside(f->path, NULL);
    if (!*r->command)
        become_login_shell(f->shell, inside, r->name);
    become_inside(r->command, inside, r->name);
}

static void chroot_tidy(void *of) {
    struct rooted *r = of;
    root_detach(r->flavour.root);
}

int verb_chroot(int argc, char **argv) {
    if (argc < 2)
        usage_of(argv[0]);
    struct rooted r = {.name = argv[1],
                       .directory = getcwd(NULL, 0),
                       .command = command_of(argv + 2),
                       .flavour = {.shared = unshare_forbidden()}};
    if (r.flavour.shared) /* the mounts are everybody's, and somebody has to undo them */
        return wait_for(&(struct job){.prepare = chroot_prepare,
                                      .payload = chroot_payload,
                                      .tidy = chroot_tidy,
                                      .of = &r,
                                      .lifeline = lifeline_fd,
                                      .leaves_none = true});
    namespaces_enter();
    chroot_prepare(&r);
    behave_like_a_program();
    chroot_payload(&r);
    return 0;
}
