/* mounted and engine:with — a program of the host, with an image mounted. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changes.h"
#include "engine.h"
#include "mounting.h"
#include "must.h"
#include "program.h"
#include "root.h"
#include "status.h"
#include "store.h"
#include "userns.h"
#include "waiter.h"

struct with {
    struct mounting mounting;
    const char *place; /* where it is mounted */
    char **command;
    enum map map;
    int mount;
};

static void prepare(void *of) {
    struct with *w = of;
    w->map = userns_enter(CLONE_NEWNS).map;
    if (!unshare_forbidden())
        mounts_become_ours();
    w->mount = mount_image(&w->mounting, false);
    root_attach(w->mount,
                must(open(w->place, O_PATH | O_DIRECTORY | O_CLOEXEC), "mount at", w->place));
}

static void payload(void *of) {
    struct with *w = of;
    must(fchdir(w->mount), "enter", w->place);
    struct json j;
    event_open(&j, "ready");
    json_number(&j, "pid", (uint64_t)getpid());
    json_text(&j, "map", map_name(w->map));
    json_number(&j, "tier", (uint64_t)w->mounting.tier);
    json_number(&j, "depth", (uint64_t)w->mounting.depth);
    event_send(&j);
    become(w->command, environ, "the host");
}

static void tidy(void *of) {
    struct with *w = of;
    if (unshare_forbidden())
        root_detach(w->mount);
}

static int start(struct with *w, const struct store *s, const char *word) {
    w->mounting.image = image_named(s, word);
    w->mounting.store = s->path;
    if (!w->place)
        w->place = must_print("%s/mnt", s->path);
    image_lock(s, &w->mounting.image);
    return wait_for(&(struct job){.prepare = prepare,
                                  .payload = payload,
                                  .tidy = tidy,
                                  .of = w,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = unshare_forbidden()});
}

int verb_mounted(int argc, char **argv) {
    int at = 1;
    while (at < argc && common_option(argc, argv, &at))
        ;
    if (at >= argc || argv[at][0] == '-')
        usage("mounted ID [CMD ...]", 1);
    struct store s = store_here();
    struct with w = {.command = argv + at + 1};
    if (!*w.command)
        w.command = host_shell();
    return start(&w, &s, argv[at]);
}

int verb_engine_with(int argc, char **argv) {
    struct with w = {0};
    const char *upper = NULL;
    int at = engine_options(argc, argv, NULL, NULL, &w.place, &upper);
    if (argc - at < 4 || strcmp(argv[at + 2], "--") != 0)
        usage("engine:with [--at PATH] [--upper DIR] [--status-fd N] [--lifeline-fd N] STORE ID -- "
              "CMD...",
              2);
    struct store s = store_at(argv[at]);
    if (upper) {
        struct changes changes = changes_take(upper);
        w.mounting.changes = changes.path;
        w.mounting.work = changes.work;
    }
    w.command = argv + at + 3;
    return start(&w, &s, argv[at + 1]);
}
