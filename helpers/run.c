/* run and run:persist — a command in an image, flavoured or isolated. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changes.h"
#include "engine.h"
#include "environment.h"
#include "flavour.h"
#include "isolate.h"
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
    struct runconf conf; /* what the image wishes */
    bool isolated;
    struct isolation isolation; /* either this or the flavour */
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

static void say_ready(const struct run *r) {
    struct json j;
    event_open(&j, "ready");
    if (!r->isolated) /* in there it has another number */
        json_number(&j, "pid", (uint64_t)getpid());
    json_text(&j, "map", map_name(r->map));
    json_number(&j, "tier", (uint64_t)r->mounting.tier);
    json_number(&j, "depth", (uint64_t)r->mounting.depth);
    event_send(&j);
}

static void payload(void *of) {
    struct run *r = of;
    struct flavour *f = &r->flavour;
    if (f->shared) {
        root_enter_alone(f->root);
        directory_keep(r->directory);
    }
    say_ready(r);
    const char *path = runconf_variable(&r->conf, "PATH");
    char **inside = environment_inside(path ? path : f->path);
    if (!*r->command)
        become_login_shell(f->shell, inside, r->where);
    if (r->login)
        become_through_login_shell(f->shell, r->command, inside, r->where);
    become(r->command, inside, r->where);
}

static void prepare_isolated(void *of) {
    struct run *r = of;
    isolate_prepare(&r->isolation, &r->mounting);
    r->map = r->isolation.map;
}

static void payload_isolated(void *of) {
    struct run *r = of;
    say_ready(r);
    isolate_become(&r->isolation, r->command, r->login);
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

/* Whoever removes the image waits until we have ended. */
static void take(struct run *r, const struct store *s, const char *word) {
    r->mounting.image = image_named(s, word);
    r->mounting.store = s->path;
    int data = image_lock(s, &r->mounting.image);
    r->conf = runconf_of(data, image_depth(&r->mounting.image));
    r->where = must_print("image %s", r->mounting.image.id);
}

static int start(struct run *r) {
    r->directory = getcwd(NULL, 0);
    return wait_for(&(struct job){.prepare = r->isolated ? prepare_isolated : prepare,
                                  .payload = r->isolated ? payload_isolated : payload,
                                  .meanwhile = meanwhile,
                                  .tidy = tidy,
                                  .rescue = rescue,
                                  .of = r,
                                  .lifeline = lifeline_fd,
                                  .own_pids = r->isolated,
                                  .leaves_none = r->isolated || r->build || unshare_forbidden()});
}

int verb_run(int argc, char **argv) {
    static const char words[] =
        "run [-l] ID [CMD ...]   or   run --isolate [OPTIONS] ID [CMD ...]   (plash help run)";
    struct run r = {0};
    const char *isolating = NULL; /* an option that wants --isolate */
    int at = 1;
    while (at < argc && argv[at][0] == '-') {
        const char *option = argv[at];
        if (common_option(argc, argv, &at))
            continue;
        if (isolate_option(&r.isolation, argc, argv, &at)) {
            isolating = option;
            continue;
        }
        if (!strcmp(option, "--isolate"))
            r.isolated = true;
        else if (!strcmp(option, "-l"))
            r.login = true;
        else
            usage(words, 1);
        at++;
    }
    if (at >= argc)
        usage(words, 1);
    if (isolating && !r.isolated)
        refuse("%s is for an isolated run: plash run --isolate %s ...", isolating, isolating);
    struct store s = store_here();
    take(&r, &s, argv[at]);
    r.command = argv + at + 1;
    if (r.isolated) {
        r.isolation.conf = r.conf;
        r.isolation.where = r.where;
        isolate_settle(&r.isolation, s.path, r.mounting.image.id);
    }
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
    static const char words[] = "run:persist ID DIR [CMD ...]";
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
    take(&r, &s, argv[at]);
    r.command = argv + at + 2;
    if (!r.build && mkdir(argv[at + 1], 0755) < 0 && errno != EEXIST)
        must(-1, "keep changes in", argv[at + 1]);
    struct changes changes = changes_take(argv[at + 1]);
    r.changes = changes.lock;
    r.mounting.changes = changes.path;
    r.mounting.work = changes.work;
    r.mounting.unsynced = r.build;
    return start(&r);
}
