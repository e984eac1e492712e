/* run:folder — a command in a directory that d-utils' d-pull, or pull:folder, has made. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/fdpass.h"
#include "base/options.h"
#include "base/quote.h"
#include "image/image_mount.h"
#include "process/exec.h"
#include "process/monitor.h"
#include "run/folder.h"
#include "run/sandbox.h"
#include "verbs/verbs.h"

struct run {
    struct isolation isolation;
    struct mounting mounting;
    struct identity me;
    char **command;
};

static void prepare(void *of) {
    struct run *r = of;
    r->me = isolate_prepare(&r->isolation, &r->mounting);
}

static void payload(void *of) {
    struct run *r = of;
    struct json j;
    ready_open(&j, &r->me, NULL);
    event_send(&j);
    isolate_become(&r->isolation, r->command, false);
}

static bool same_place(const struct volume *v, const char *word, const char *folder) {
    return !strcmp(v->place, volume_of(word, folder).place);
}

/* Those of the options are mounted in place of those of the config. */
static struct list volumes_of(const struct list *asked, const struct folder *f) {
    size_t most = (size_t)asked->count + (size_t)f->volumes.count;
    struct list all = {.words = must_allocate(most + 1, sizeof *all.words)};
    for (int i = 0; i < asked->count; i++)
        all.words[all.count++] = asked->words[i];
    for (int i = 0; i < f->volumes.count; i++) {
        const char *word = f->volumes.words[i];
        struct volume v = volume_of(word, f->path);
        bool replaced = false;
        for (int a = 0; a < asked->count; a++)
            replaced |= same_place(&v, asked->words[a], f->path);
        if (!replaced)
            all.words[all.count++] = word;
    }
    return all;
}

static void say_words(const char *what, const char *const *words) {
    if (*words)
        fprintf(stderr, "%-10s %s\n", what, words_quoted((char **)words));
}

/* What is done, from both the config and the options. */
static void say_how(const struct run *r) {
    const struct isolation *i = &r->isolation;
    const char *one[2] = {r->mounting.rootfs, NULL};
    say_words(i->writable ? "rw" : "ro", one);
    for (int v = 0; v < i->shared.count; v++) {
        one[0] = i->shared.words[v];
        say_words("volume", one);
    }
    const char *const named[][2] = {{"user", i->user ? i->user : i->conf.user},
                                    {"hostname", i->conf.hostname},
                                    {"directory", i->conf.directory},
                                    {"network", i->network ? "of this machine" : NULL}};
    for (size_t n = 0; n < sizeof named / sizeof *named; n++)
        if ((one[0] = named[n][1]))
            say_words(named[n][0], one);
    say_words("env", i->conf.environment);
    say_words("entrypoint", i->conf.entrypoint);
    say_words("cmd", *r->command ? (const char **)r->command : i->conf.cmd);
}

int verb_run_folder(int argc, char **argv) {
    struct run r = {.mounting.store = ""};
    struct isolation *i = &r.isolation;
    struct list asked = {0};
    bool debug = false;
    const struct option known[] = {{"-v", .list = &asked},       {"--volume", .list = &asked},
                                   {"-u", .text = &i->user},     {"--user", .text = &i->user},
                                   {"-n", .flag = &i->network},  {"--net", .flag = &i->network},
                                   {"-w", .flag = &i->writable}, {"--rw", .flag = &i->writable},
                                   {"--debug", .flag = &debug},  {0}};
    int at = words_read(argc, argv, known, 1, -1);
    struct folder f = folder_at(argv[at]);
    r.command = command_of(argv + at + 1);
    i->conf = f.conf;
    if (!i->conf.hostname) /* at most as long as the kernel takes */
        i->conf.hostname = must_print("%.64s", strrchr(f.path, '/') + 1);
    i->network |= f.network;
    i->writable |= f.writable;
    i->folder = f.path;
    i->is_any_user = true;
    i->root = isolate_image;
    i->where = f.path;
    i->shared = volumes_of(&asked, &f);
    r.mounting.rootfs = f.rootfs;
    r.mounting.in_memory = i->writable ? 0 : 4 << 20; /* for empty directories */
    if (debug)
        say_how(&r);
    callers_descriptors_keep_from_programs();
    isolate_ready(i, NULL);
    isolate_begin(i, 0);
    int outcome = outcome_of(&(struct job){.prepare = prepare,
                                           .payload = payload,
                                           .of = &r,
                                           .door = -1,
                                           .lifeline = lifeline_fd,
                                           .own_pids = true,
                                           .leaves_none = true});
    isolate_over(i);
    return end_like(outcome);
}
