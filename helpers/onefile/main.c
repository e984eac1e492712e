/* plash-app — the program in front of an image in one file: see FORMAT.md. It runs the image as
 * `plash run --isolate` does. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/fdpass.h"
#include "onefile/appimage.h"
#include "onefile/cache.h"
#include "onefile/chroot.h"
#include "onefile/conf.h"
#include "onefile/contents.h"
#include "onefile/instance.h"
#include "onefile/output.h"
#include "onefile/start.h"
#include "onefile/words.h"
#include "process/inherited.h"
#include "process/monitor.h"
#include "run/sandbox.h"
#include "userns/diagnosis.h"

struct app {
    struct start start;
    struct isolation isolation;
    struct conf conf;
    struct words words;
    struct output output;
    const char *called; /* argv[0] */
    const char *persist;
};

static void prepare(void *of) {
    struct app *a = of;
    isolate_prepare(&a->isolation, &a->start.mounting);
}

static void payload(void *of) {
    struct app *a = of;
    isolate_become(&a->isolation, a->words.command, false);
}

static struct app app;

/* ---- what we are called with */

static _Noreturn void explain(const struct app *a) {
    words_explain(&a->conf, a->called);
    puts("Before these words:\n"
         "  --app-persist DIR  keep changes in DIR, and go on from there\n"
         "  --app-help         print this\n"
         "  --appimage-help    print the words that every AppImage understands");
    answer_is_out();
    exit(0);
}

/* Read the words that are ours; return the first that is not. */
static char **read_own_words(struct app *a, struct contents *c, char **words) {
    char **first = words;
    for (; *words; words++) {
        if (is_appimage_word(*words)) {
            appimage_do(c, words);
            a->start.unpacks = true;
        } else if (!strcmp(*words, "--app-persist")) {
            a->persist = *++words;
            if (!a->persist || !*a->persist)
                refuse("--app-persist wants a directory after it");
        } else if (!strcmp(*words, "--app-help")) {
            explain(a);
        } else if (!strncmp(*words, "--app-", 6)) {
            refuse("there is no word %s. See %s --app-help", *words, a->called);
        } else {
            return words + (words > first && !strcmp(*words, "--"));
        }
    }
    return words;
}

/* ---- the environment */

static void add_variable(struct app *a, const char *name, const char *value) {
    struct list *all = &a->isolation.variables;
    all->words[all->count++] = must_print("%s=%s", name, value);
}

/* A prompt that every shell understands. Readline takes what is between the bytes 1 and 2 for no
 * columns. */
static char *prompt_of(const struct app *a) {
    return must_print("\001\033[%u;3%um\002%s:$PWD\001\033[0m\002 $ ", a->conf.prompt / 10,
                      a->conf.prompt % 10, a->words.id);
}

static void set_variables(struct app *a, const struct contents *c) {
    enum { OURS = 5 };
    char here[PATH_MAX];
    struct list *all = &a->isolation.variables;
    all->words = must_allocate((size_t)a->words.variables.count + OURS, sizeof *all->words);
    add_variable(a, "APPIMAGE", c->path);
    add_variable(a, "APPDIR", "/");
    add_variable(a, "ARGV0", a->called);
    add_variable(a, "OWD", getcwd(here, sizeof here) ? here : "/");
    if (a->conf.prompt && isatty(STDIN_FILENO))
        add_variable(a, "PS1", prompt_of(a));
    for (int i = 0; i < a->words.variables.count; i++)
        all->words[all->count++] = a->words.variables.words[i];
}

/* ---- the run */

static void settle(struct app *a, struct contents *c) {
    struct isolation *i = &a->isolation;
    if (!a->conf.image.hostname)
        a->conf.image.hostname = a->conf.name;
    i->conf = a->conf.image;
    i->network = a->conf.network;
    i->own_names = !a->conf.host_names;
    i->writable = a->conf.root != ROOT_READ_ONLY;
    i->is_any_user = true;
    i->where = must_print("the app %s", a->conf.name);
    i->root = start_root;
    set_variables(a, c);
}

static void keep_changes(struct app *a) {
    if (mkdir(a->persist, 0755) < 0 && errno != EEXIST)
        must(-1, "keep changes in", a->persist);
    a->start.mounting.changes = changes_take(a->persist);
}

/* What it cannot do needs mounts. */
static int run_by_chroot(struct app *a) {
    const char *what = a->words.shared.count ? "shares files of the machine"
                       : a->words.collects   ? "collects its output"
                       : a->persist          ? "keeps changes"
                                             : NULL;
    if (what)
        fail((struct failure){.step = "run with PLASH_APP_WAY=chroot",
                              .thing = a->conf.name,
                              .reason = must_print("it %s, which needs a mount", what)});
    return end_like(chroot_run(a->start.contents, &a->isolation, a->words.command));
}

static int run(struct app *a) {
    int outcome = outcome_of(&(struct job){.prepare = prepare,
                                           .payload = payload,
                                           .of = a,
                                           .door = -1,
                                           .lifeline = -1,
                                           .own_pids = true,
                                           .leaves_none = true});
    isolate_over(&a->isolation);
    start_over(&a->start);
    bool collected = !a->words.collects || output_collect(&a->output);
    int status = end_like(outcome);
    return status || collected ? status : 1;
}

int main(int argc, char **argv) {
    program_begins("an app");
    callers_descriptors_keep_from_programs();
    struct contents c = contents_here();
    size_t length;
    char *text = cache_conf(&c, &length);
    if (!text)
        text = contents_conf(&c, &length);
    app.conf = conf_read(text, length);
    app.called = argc ? argv[0] : app.conf.name;
    char **words = read_own_words(&app, &c, argv + (argc > 0));
    app.words = words_of_app(&app.conf, app.called, words);
    instance_take(app.words.id);
    app.start.contents = &c;
    app.start.conf = &app.conf;
    settle(&app, &c);
    if (chroot_is_wanted())
        return run_by_chroot(&app);
    if (chroot_is_possible())
        instead_of_namespaces = "PLASH_APP_WAY=chroot in the environment lets the app run as root "
                                "here by chroot, isolated from nothing";
    if (app.persist)
        keep_changes(&app);
    if (app.words.collects)
        app.output = output_begin(app.words.output, app.words.id, &app.words.shared);
    app.isolation.shared = app.words.shared;
    isolate_ready(&app.isolation, NULL);
    start_prepare(&app.start);
    isolate_begin(&app.isolation, 0);
    return run(&app);
}
