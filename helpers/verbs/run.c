/* run and run:persist — a command in an image, flavoured or isolated. */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/events.h"
#include "base/fail.h"
#include "base/fdpass.h"
#include "base/options.h"
#include "image/image_mount.h"
#include "image/upper_in_memory.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/monitor.h"
#include "run/build_fence.h"
#include "run/entry.h"
#include "run/host_binds.h"
#include "run/join.h"
#include "run/sandbox.h"
#include "store/last_use.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/run.h"
#include "verbs/verbs.h"

struct run {
    enum {
        FLAVOURED,
        ISOLATED,
        FENCED,
        JOINED
    } kind; /* see host_binds, sandbox, build_fence, join.h */
    bool login, build, orphaned;
    bool *began;    /* out, or NULL */
    char **command; /* empty: a login shell */
    char *where;    /* "image 7" */
    char *label;    /* "7 web", for people in a shell */
    char *directory;

    struct mounting mounting;
    bool wants_memory;   /* for the changes */
    bool thrown_away;    /* the changes are on the disk, but not kept */
    struct runconf conf; /* what the image wishes */
    bool isolated;
    const char *home;           /* the word that says how it is shared */
    struct isolation isolation; /* one of these three */
    struct building building;
    struct flavour flavour;
    struct joining joining; /* others, of a flavoured one */
    struct identity me;
};

/* In the keeper. The order is what keeps the host safe from the image; see host_binds.h. */
static void prepare(void *of) {
    struct run *r = of;
    struct becoming me = userns_begin(CLONE_NEWNS);
    struct flavour *f = &r->flavour;
    f->shared = unshare_forbidden();
    const char *mnt = must_print("%s/mnt", r->mounting.store);
    int place = -1; /* "/", which only in a namespace of our own is nobody else's */
    if (f->shared)
        place = must(open(mnt, O_PATH | O_DIRECTORY | O_CLOEXEC), "attach the image at", mnt);
    else
        mounts_become_ours();
    flavour_clone_host(f);
    r->me = userns_complete(&me); /* an overlay wants ids with names */
    join_offer(&r->joining, r->me.map);
    r->mounting.conf = &r->conf;
    r->mounting.setuid = r->mounting.devices = true;
    f->root = mount_image(&r->mounting, &flavour_mountpoints);
    flavour_resolve(f);
    f->path = runconf_variable(&r->conf, "PATH");
    flavour_read_image(f, r->login || !*r->command);
    root_attach(f->root, place);
    flavour_attach(f);
    if (!f->shared) {
        root_enter(f->root, flavour_place_of_host(f));
        directory_keep(r->directory);
    }
}

static void say_ready(const struct run *r) {
    struct json j;
    ready_open(&j, &r->me, &r->mounting);
    if (r->kind != FENCED && !r->isolated) /* elsewhere it has another number */
        json_number(&j, "pid", (uint64_t)getpid());
    event_send(&j);
}

static const char *const of_host[] = {
    [SHARE_ALL] = " - /home, /root and /tmp belong to this machine (--isolate hides them)",
    [SHARE_READ_ONLY] = " - /home and /root are this machine's, read-only",
    [SHARE_NO_FILES] = " - all files are the image's own",
};

static void payload(void *of) {
    struct run *r = of;
    struct flavour *f = &r->flavour;
    if (f->shared) {
        root_enter_alone(f->root);
        directory_keep(r->directory);
    }
    say_ready(r);
    char **inside = environment_inside(f->path, NULL);
    if (isatty(STDIN_FILENO))
        inside = entry_environment(inside, r->label, f->shell);
    if (!*r->command) {
        entry_begin(r->label, of_host[f->sharing]);
        become_login_shell(f->shell, inside, r->where);
    }
    if (r->login)
        become_through_login_shell(f->shell, r->command, inside, r->where);
    become_inside(r->command, inside, r->where);
}

/* To where a run is already. What is mounted there is as it was told. */
static void prepare_joined(void *of) {
    struct run *r = of;
    struct flavour *f = &r->flavour;
    enum map map = r->joining.first.user_namespace ? MAP_FULL : MAP_ROOT;
    r->me = (struct identity){.map = map, .why = ""};
    if (r->isolated)
        cgroups_enter(&r->isolation.groups);
    join_enter(&r->joining);
    if (r->isolated) {
        r->isolation.map = map;
        isolate_prepare_joined(&r->isolation);
        return;
    }
    f->root = must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "enter", "/");
    f->path = runconf_variable(&r->conf, "PATH");
    flavour_read_image(f, r->login || !*r->command);
    directory_keep(r->directory);
}

static void visited(void *of) {
    const struct run *r = of;
    join_answer(&r->joining, &r->mounting.changes);
}

static void prepare_isolated(void *of) {
    struct run *r = of;
    r->joining.first.keeper = number_outside();
    r->me = isolate_prepare(&r->isolation, &r->mounting);
    if (*r->joining.first.image)
        join_offer(&r->joining, r->me.map);
}

static void payload_isolated(void *of) {
    struct run *r = of;
    say_ready(r);
    isolate_become(&r->isolation, r->command, r->login);
}

static void prepare_fenced(void *of) {
    struct run *r = of;
    r->building.where = r->where;
    r->building.label = r->label;
    r->building.directory = r->directory;
    r->building.own = r->isolated ? &r->isolation : NULL;
    r->me = building_prepare(&r->building, &r->mounting);
}

static void payload_fenced(void *of) {
    struct run *r = of;
    say_ready(r);
    building_become(&r->building, r->command, r->login);
}

/* The kernel marks what it does not sync, lest it be mounted again after a crash. Nobody will
 * mount what is thrown away; and what is deleted now need not be waited for later. */
static void started(void *of) {
    struct run *r = of;
    if (r->thrown_away)
        changes_forget_unsynced(&r->mounting.changes);
}

static void tidy(void *of) {
    struct run *r = of;
    if (r->flavour.shared)
        root_detach(r->flavour.root);
    if (r->kind == FENCED)
        building_tidy(&r->building, &r->mounting.changes);
    if (r->thrown_away)
        changes_remove(&r->mounting.changes);
    else if (r->build && syncfs(r->mounting.changes.lock) == 0)
        /* On the disk a later run can continue from them. */
        changes_forget_unsynced(&r->mounting.changes);
}

/* Nobody is left who could make an image of it. */
static void remove_orphan(void *of) {
    struct run *r = of;
    changes_remove(&r->mounting.changes);
}

/* The keeper was killed, or failed half-way. What it left may belong to ids of its namespace:
 * removing it needs a namespace like that. */
static void rescue(void *of) {
    struct run *r = of;
    if (!r->thrown_away)
        return;
    userns_try(0);
    changes_remove(&r->mounting.changes);
}

/* Whoever removes the image waits until we have ended. */
static void take(struct run *r, const struct store *s, const struct image *image) {
    r->mounting.image = *image;
    r->mounting.store = s->path;
    image_lock(s, &r->mounting.image);
    lastuse_note(s, &r->mounting.image);
    r->where = must_print("image %s", r->mounting.image.id);
    if (isatty(STDIN_FILENO))
        r->label = entry_label(s, image);
}

/* How it ended, as wait(2) has it. */
static int start(struct run *r) {
    bool began;
    r->directory = getcwd(NULL, 0);
    if (r->isolated)
        isolate_begin(&r->isolation, r->kind == JOINED ? r->joining.first.keeper : 0);
    bool has_own_pids = r->kind == ISOLATED || r->kind == FENCED;
    static void (*const prepares[])(void *of) = {prepare, prepare_isolated, prepare_fenced,
                                                 prepare_joined};
    void (*const payloads[])(void *of) = {payload, payload_isolated, payload_fenced,
                                          r->isolated ? payload_isolated : payload};
    int outcome = outcome_of(&(struct job){
        .prepare = prepares[r->kind],
        .payload = payloads[r->kind],
        .started = started,
        .tidy = tidy,
        .rescue = rescue,
        .alone = r->orphaned ? remove_orphan : NULL,
        .visited = *r->joining.first.image && r->joining.door >= 0 ? visited : NULL,
        .of = r,
        .door = r->joining.door,
        .joins = r->kind == JOINED,
        .joins_pids = r->kind == JOINED && r->isolated,
        .present = &r->joining.present,
        .lifeline = lifeline_fd,
        .began = &began,
        .own_pids = has_own_pids,
        .leaves_none = r->isolated || r->kind == FENCED || r->build || unshare_forbidden()});
    isolate_over(&r->isolation);
    if (!*r->command && !r->isolated && began)
        entry_end();
    if (r->began)
        *r->began = began;
    return outcome;
}

static enum sharing sharing_of(const char *word) {
    if (!word || !strcmp(word, "shared"))
        return SHARE_ALL;
    if (!strcmp(word, "read-only"))
        return SHARE_READ_ONLY;
    if (strcmp(word, "private") != 0)
        refuse("--home takes shared, read-only or private, not: %s", word);
    return SHARE_NO_FILES;
}

/* The words of either verb that say how; `own` are the few that only this verb knows. */
enum { MOST_OWN = 4 };
static int read_words(struct run *r, int argc, char **argv, const struct option *own, int least) {
    struct isolation *i = &r->isolation;
    const struct option known[] = {{"--home", .text = &r->home},
                                   {"--isolate", .flag = &r->isolated},
                                   {"--net", .flag = &i->network},
                                   {"--rw", .flag = &i->writable},
                                   {"-u", .text = &i->user},
                                   {"-w", .text = &i->directory},
                                   {"--hostname", .text = &i->hostname},
                                   {"--setuid", .flag = &i->may_become_others},
                                   {"--seccomp", .text = &i->seccomp},
                                   {"--memory", .text = &i->memory},
                                   {"--pids", .number = &i->processes},
                                   {"-v", .list = &i->shared},
                                   {"-e", .list = &i->variables},
                                   {"--tmpfs", .list = &i->memories},
                                   {"--secret", .list = &i->secrets},
                                   own[0],
                                   own[1],
                                   own[2],
                                   own[3],
                                   {0}};
    int at = words_read(argc, argv, known, least, -1);
    if (!r->isolated && isolate_option(i))
        refuse("%s needs --isolate: plash %s --isolate %s ...", isolate_option(i), argv[0],
               isolate_option(i));
    if (r->isolated && r->home)
        refuse("--home and --isolate exclude each other: an isolated run shares no files of this "
               "machine");
    r->kind = r->isolated ? ISOLATED : FLAVOURED;
    r->flavour.sharing = sharing_of(r->home);
    return at;
}

static void settle(struct run *r, const struct store *s) {
    if (!r->isolated)
        return;
    callers_descriptors_keep_from_programs();
    r->isolation.where = r->where;
    r->isolation.root = isolate_image;
    isolate_ready(&r->isolation, s->path);
}

/* On the disk, unless somebody wants it otherwise or the store cannot have it. */
static void throw_away(struct run *r, const struct store *s) {
    const char *trouble = ram_trouble();
    if (r->wants_memory && trouble)
        refuse("cannot keep the changes in memory: %s", trouble);
    r->mounting.unsynced = r->thrown_away =
        !r->wants_memory && changes_try_new(s, &r->mounting.changes);
    if (!r->thrown_away && !trouble)
        r->mounting.in_memory = ram_to_spare();
    else if (!r->thrown_away) { /* then it is said what is wrong with the store */
        r->mounting.changes = changes_new(s);
        r->mounting.unsynced = r->thrown_away = true;
    }
}

int verb_run(int argc, char **argv) {
    struct run r = {0};
    const struct option own[MOST_OWN] = {{"-l", .flag = &r.login},
                                         {"--in-memory", .flag = &r.wants_memory}};
    int at = read_words(&r, argc, argv, own, 1);
    struct store s = store_here();
    struct image image = image_with_files(&s, argv[at]);
    take(&r, &s, &image);
    r.command = command_of(argv + at + 1);
    settle(&r, &s);
    throw_away(&r, &s);
    return end_like(start(&r));
}

/* How it ended, as wait(2) has it. `r` has the command, and with --isolate the options of that. */
static int run_building(struct run *r, const struct store *s, const struct image *parent,
                        const struct build_options *o) {
    r->build = true;
    r->login = o->login;
    r->orphaned = o->orphaned;
    r->building.kept = !o->orphaned;
    take(r, s, parent);
    r->mounting.unsynced = true;
    r->isolation.where = r->where;
    if (r->isolated)
        isolate_ready(&r->isolation, s->path);
    r->kind = o->share_home || unshare_forbidden() ? FLAVOURED : FENCED;
    if (r->kind == FLAVOURED)
        remark("%s: this build sees this machine's own /home, /root and /tmp, and all its files "
               "below /mnt; what it changes there is not undone",
               o->share_home ? "--share-home" : "PLASH_NO_UNSHARE is set");
    return start(r);
}

int run_build(const struct store *s, const struct image *parent, const struct changes *changes,
              char **command, const struct build_options *o) {
    bool began;
    struct run r = {.command = command, .began = &began, .mounting.changes = *changes};
    int status = run_building(&r, s, parent, o);
    return began ? status : -1;
}

static void take_or_join(struct run *r, const struct store *s, const char *path) {
    struct joining *j = &r->joining;
    struct facts ours = {
        .store = s->number, .isolated = r->isolated, .network = r->isolation.network};
    memcpy(ours.image, r->mounting.image.id, sizeof ours.image);
    r->mounting.changes = changes_take_or_join(path, &ours, j);
    if (!j->joined)
        return;
    r->isolation.network = j->first.network;
    r->kind = JOINED;
    if (r->home)
        remark("--home is ignored: the run that already uses %s decides", path);
    int layers[MOST_LOWERS], count = image_layers(s, &r->mounting.image, layers);
    r->conf = runconf_of(layers, count);
    r->isolation.conf = r->conf;
    while (count)
        close(layers[--count]);
}

int verb_run_persist(int argc, char **argv) {
    struct run r = {0};
    struct build_options options = {0};
    bool build = false, one_output = false;
    const struct option own[MOST_OWN] = {{"-l", .flag = &options.login},
                                         {"--build", .flag = &build},
                                         {"--share-home", .flag = &options.share_home},
                                         {"--one-output", .flag = &one_output}};
    int at = read_words(&r, argc, argv, own, 2);
    r.login = options.login;
    if (build && r.home)
        refuse("--build and --home exclude each other");
    if (build && r.isolated && options.share_home)
        refuse("--share-home and --isolate exclude each other");
    if (!build && options.share_home)
        refuse("--share-home is an option of build. A run shares /home by default (see --home)");
    struct store s = store_here();
    struct image image = build ? image_named(&s, argv[at]) : image_with_files(&s, argv[at]);
    r.command = command_of(argv + at + 2);
    if (one_output) /* what it says on either is one text, for people */
        must(dup2(STDERR_FILENO, STDOUT_FILENO), "redirect", "standard output");
    if (build) {
        r.mounting.changes = changes_take(argv[at + 1]);
        return end_like(run_building(&r, &s, &image, &options));
    }
    take(&r, &s, &image);
    r.isolation.writable = true; /* else there would be nothing to keep */
    settle(&r, &s);
    if (mkdir(argv[at + 1], 0700) < 0 && errno != EEXIST)
        must(-1, "keep changes in", argv[at + 1]);
    take_or_join(&r, &s, argv[at + 1]);
    return end_like(start(&r));
}
