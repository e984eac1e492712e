/* mounted and engine:with — a program of the host, with an image mounted. */
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/options.h"
#include "image/extra_files.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/monitor.h"
#include "store/last_use.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct with {
    struct mounting mounting;
    const char *place; /* where it is mounted */
    char **command;
    struct identity me;
    int mount;
    struct extra_files files;
};

static void prepare(void *of) {
    struct with *w = of;
    w->me = namespaces_enter();
    w->mount = mount_image(&w->mounting, NULL);
    if (w->mounting.in_memory) {
        struct store s = store_at(w->mounting.store);
        extra_files_make(&w->files, &s, &w->mounting.image, w->mount);
        close(s.fd);
    }
    root_attach(w->mount,
                must(open(w->place, O_PATH | O_DIRECTORY | O_CLOEXEC), "mount at", w->place));
}

static void payload(void *of) {
    struct with *w = of;
    must(fchdir(w->mount), "enter", w->place);
    struct json j;
    ready_open(&j, &w->me, &w->mounting);
    json_number(&j, "pid", (uint64_t)getpid());
    event_send(&j);
    become(w->command, environ);
}

static void tidy(void *of) {
    struct with *w = of;
    if (unshare_forbidden())
        root_detach(w->mount);
}

static int start(struct with *w, const struct store *s, const struct image *image) {
    w->mounting.image = *image;
    w->mounting.store = s->path;
    if (!w->place)
        w->place = must_print("%s/mnt", s->path);
    image_lock(s, &w->mounting.image);
    lastuse_note(s, &w->mounting.image);
    return wait_for(&(struct job){.prepare = prepare,
                                  .payload = payload,
                                  .tidy = tidy,
                                  .of = w,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = unshare_forbidden()});
}

int verb_mounted(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, -1);
    struct store s = store_here();
    struct with w = {.command = command_of(argv + at + 1)};
    if (!*w.command)
        w.command = host_shell();
    struct image image = image_with_files(&s, argv[at]);
    return start(&w, &s, &image);
}

int verb_engine_with(int argc, char **argv) {
    struct with w = {0};
    const char *upper = NULL;
    bool files = false;
    uint64_t time = 0;
    const struct option known[] = {{"--at", .text = &w.place},
                                   {"--upper", .text = &upper},
                                   {"--files", .flag = &files},
                                   {"--time", .number = &time},
                                   {0}};
    int at = words_read(argc, argv, known, 4, -1);
    if (strcmp(argv[at + 2], "--") != 0)
        usage_of(argv[0]);
    struct store s = store_at(argv[at]);
    if (upper)
        w.mounting.changes = changes_take(upper);
    if (files && unshare_forbidden())
        refuse("cannot put files into a mounted image: PLASH_NO_UNSHARE is set. Unset it");
    if (files) {
        w.mounting.in_memory = 2 * MOST_EXTRA;
        w.files.time = (time_t)time;
        extra_files_read(&w.files);
    }
    w.command = argv + at + 3;
    struct image image = image_named(&s, argv[at + 1]);
    return start(&w, &s, &image);
}
