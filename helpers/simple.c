/* The verbs that need little: chroot sudo engine:sudo data nodepath parent id version. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine.h"
#include "environment.h"
#include "flavour.h"
#include "kernel.h"
#include "layout.h"
#include "must.h"
#include "program.h"
#include "root.h"
#include "status.h"
#include "store.h"
#include "userns.h"
#include "waiter.h"

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
    struct image image = allow_0 ? image_named(&s, word) : image_but_not_0(&s, word);
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

int verb_chroot(int argc, char **argv) {
    if (argc < 2)
        usage_of(argv[0]);
    char *directory = getcwd(NULL, 0);
    struct flavour f = {.shared = unshare_forbidden()};
    if (f.shared)
        refuse("cannot chroot: PLASH_NO_UNSHARE is set. Unset it");
    namespaces_enter();
    f.root = must(k_clone_tree(AT_FDCWD, argv[1]), "open", argv[1]);
    flavour_clone_host(&f);
    flavour_resolve(&f);
    flavour_read_image(&f, argc == 2);
    root_attach(f.root, -1);
    flavour_attach(&f);
    root_enter(f.root, flavour_place_of_host(&f));
    directory_keep(directory);
    behave_like_a_program();
    char **inside = environment_inside(f.path);
    if (argc == 2)
        become_login_shell(f.shell, inside, argv[1]);
    become_inside(argv + 2, inside, argv[1]);
}
