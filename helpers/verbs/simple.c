/* The verbs that need little: chroot sudo engine:sudo data nodepath parent id version. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/environment.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/inherited.h"
#include "process/monitor.h"
#include "run/host_binds.h"
#include "store/layout.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

static int say(const char *line) {
    puts(line);
    answer_is_out();
    return 0;
}

int verb_version(int argc, char **argv) {
    words_read(argc, argv, NULL, 0, 0);
    return say(PLASH_VERSION);
}

int verb_id(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    struct store s = store_here();
    return say(image_named(&s, argv[at]).id);
}

int verb_parent(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    struct store s = store_here();
    struct image image = image_named(&s, argv[at]);
    if (!strcmp(image.id, "0"))
        refuse("image 0 has no parent");
    *strrchr(image.place, '/') = 0;
    return say(strrchr(image.place, '/') + 1);
}

int verb_nodepath(int argc, char **argv) {
    bool allow_0 = false;
    const char *word = NULL;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--allow-0") || !strcmp(argv[i], "--allow-root-container"))
            allow_0 = true;
        else if (!word)
            word = argv[i];
        else
            usage_of(argv[0]);
    }
    if (!word)
        usage_of(argv[0]);
    struct store s = store_here();
    if (s.fd < 0 && allow_0 && !strcmp(word, "0"))
        s = store_made();
    struct image image = allow_0 ? image_named(&s, word) : image_with_files(&s, word);
    return say(must_print("%s/%s", s.path, image.place));
}

int verb_data(int argc, char **argv) {
    if (argc == 1)
        return say(store_place());
    struct store s = store_here();
    if (s.fd < 0)
        s = store_made();
    must(chdir(s.path), "enter the store", s.path);
    userns_try(0); /* files there may belong to subordinate ids */
    behave_like_a_program();
    become(argv + 1, environ);
}

int verb_sudo(int argc, char **argv) {
    if (!unshare_forbidden())
        namespaces_enter();
    behave_like_a_program();
    become(argc == 1 ? host_shell() : argv + 1, environ);
}

static void become_root(void *of) {
    (void)of;
    namespaces_enter();
}

static void execute(void *of) {
    become(of, environ);
}

int verb_engine_sudo(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, -1);
    return wait_for(&(struct job){.prepare = become_root,
                                  .payload = execute,
                                  .of = argv + at,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = true});
}

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
