/* run and run:persist — a command in the flavoured image. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changes.h"
#include "engine.h"
#include "environment.h"
#include "flavour.h"
#include "mounting.h"
#include "must.h"
#include "program.h"
#include "root.h"
#include "status.h"
#include "store.h"
#include "userns.h"
#include "waiter.h"
#include "workdir.h"

struct run {
    bool login, build;
    char **command; /* empty: a login shell */
    char *where;    /* "image 7" */
    char *directory;

    struct mounting mounting;
    struct workdir work; /* of a run whose changes are thrown away */
    int changes;         /* the directory of one whose changes are kept */
    struct flavour flavour;
    enum map map;
    int place; /* where the image is attached if no namespace may be made */
};

/* In the keeper. The order is what keeps the host safe from the image; see flavour.h. */
static void prepare(void *of) {
    struct run *r = of;
    struct becoming me = userns_begin(CLONE_NEWNS);
    if (me.now.map == MAP_NONE)
        fail(me.now.failure);
    r->flavour.shared = unshare_forbidden();
    r->place = -1;
    if (r->flavour.shared)
        r->place = must(open(r->mounting.store, O_PATH | O_DIRECTORY | O_CLOEXEC), "open",
                        r->mounting.store);
    else
        mounts_become_ours();

    struct flavour *f = &r->flavour;
    f->own_tmp = r->build;
    flavour_clone_host(f);
    struct identity complete = userns_complete(&me); /* an overlay wants ids with names */
    if (complete.map == MAP_NONE)
        fail(complete.failure);
    r->map = complete.map;
    f->root = mount_image(&r->mounting, true);
    flavour_resolve(f);
    flavour_read_image(f);
    root_attach(f->root, r->place < 0 ? -1 : openat(r->place, "mnt", O_PATH | O_CLOEXEC));
    flavour_attach(f);
    if (!f->shared) {
        root_enter(f->root, flavour_place_of_host(f));
        directory_keep(r->directory);
    }
}

static void payload(void *of) {
    struct run *r = of;
    struct flavour *f = &r->flavour;
    if (f->shared) {
        root_enter_alone(f->root);
        directory_keep(r->directory);
    }
    struct json j;
    event_open(&j, "ready");
    json_number(&j, "pid", (uint64_t)getpid());
    json_text(&j, "map", map_name(r->map));
    json_number(&j, "tier", (uint64_t)r->mounting.tier);
    json_number(&j, "depth", (uint64_t)r->mounting.depth);
    event_send(&j);

    char **inside = environment_inside(f->path);
    if (!*r->command)
        become_login_shell(f->shell, inside, r->where);
    if (r->login)
        become_through_login_shell(f->shell, r->command, inside, r->where);
    become(r->command, inside, r->where);
}

/* The kernel marks what it does not sync, lest it be mounted again after a crash. Nobody will
 * mount what is thrown away; and what is deleted now need not be waited for later. */
static void meanwhile(void *of) {
    struct run *r = of;
    if (r->work.name)
        forget_unsynced(r->work.lock);
}

static void tidy(void *of) {
    struct run *r = of;
    if (r->flavour.shared)
        root_detach(r->flavour.root);
    if (r->work.name) {
        workdir_remove(&r->work);
    } else if (r->build && syncfs(r->changes) == 0) {
        forget_unsynced(r->changes); /* on the disk, they can be gone on with */
    }
}

/* The keeper was killed, or failed half-way. What it left may belong to ids of its
 * namespace, so another one like it is needed. */
static void rescue(void *of) {
    struct run *r = of;
    if (!r->work.name)
        return;
    userns_try(0);
    workdir_remove(&r->work);
}

static int start(struct run *r) {
    r->where = must_print("image %s", r->mounting.image.id);
    r->directory = getcwd(NULL, 0);
    return wait_for(&(struct job){.prepare = prepare,
                                  .payload = payload,
                                  .meanwhile = meanwhile,
                                  .tidy = tidy,
                                  .rescue = rescue,
                                  .of = r,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = r->build || unshare_forbidden()});
}

int verb_run(int argc, char **argv) {
    static const char words[] = "run [-l] ID [CMD...]";
    struct run r = {0};
    int at = 1;
    while (at < argc && argv[at][0] == '-') {
        if (common_option(argc, argv, &at))
            continue;
        if (strcmp(argv[at], "-l") != 0)
            usage(words, 1);
        r.login = true;
        at++;
    }
    if (at >= argc)
        usage(words, 1);
    struct store s = store_here();
    r.mounting.image = image_named(&s, argv[at]);
    r.mounting.store = s.path;
    r.command = argv + at + 1;
    image_lock(&s, &r.mounting.image);
    r.mounting.in_memory = memory_is_fine();
    if (!r.mounting.in_memory) {
        r.work = workdir_make(&s);
        r.mounting.changes = must_print("%s/tmp/%s", s.path, r.work.name);
        r.mounting.work = r.work.name;
        r.mounting.unsynced = true;
    }
    return start(&r);
}

int verb_run_persist(int argc, char **argv) {
    static const char words[] = "run:persist ID DIR [CMD...]";
    struct run r = {0};
    int at = 1;
    while (at < argc && argv[at][0] == '-') {
        if (common_option(argc, argv, &at))
            continue;
        if (strcmp(argv[at], "--build") != 0)
            usage(words, 1);
        r.build = true;
        at++;
    }
    if (argc - at < 2)
        usage(words, 1);
    struct store s = store_here();
    r.mounting.image = image_named(&s, argv[at]);
    r.mounting.store = s.path;
    r.command = argv + at + 2;
    image_lock(&s, &r.mounting.image);
    struct changes changes = changes_take(argv[at + 1]);
    r.changes = changes.lock;
    r.mounting.changes = changes.path;
    r.mounting.work = changes.work;
    r.mounting.unsynced = r.build;
    return start(&r);
}
