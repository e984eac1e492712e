/* engine:probe — what works here, found out by trying. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine.h"
#include "landlock.h"
#include "must.h"
#include "overlay.h"
#include "remove.h"
#include "root.h"
#include "status.h"
#include "store.h"
#include "tar.h"
#include "userns.h"

struct findings {
    enum map map;
    bool overlay, userxattr;
    int tier;
    char map_why[400], overlay_why[400], hint_problem[400], hint_remedy[400];
};

static void note(char *field, const char *text) {
    snprintf(field, 400, "%s", text ? text : "");
}

static void note_failure(struct findings *f, const struct failure *failure) {
    const char *reason = failure->reason ? failure->reason : strerror(failure->error);
    char problem[400];
    snprintf(problem, sizeof problem, "cannot %s: %s", failure->step, reason);
    note(f->hint_problem, problem);
    note(f->hint_remedy, failure->remedy);
}

/* A real overlay with something to write, in the directory `where`. */
static void try_overlay(struct findings *f, int where) {
    static const char *const names[] = {"a", "b", "data", "work"};
    int fds[4];
    for (int i = 0; i < 4; i++) {
        mkdirat(where, names[i], 0755);
        fds[i] = openat(where, names[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fds[i] < 0) {
            note(f->overlay_why, strerror(errno));
            return;
        }
    }
    struct overlay o = {.lowers = {fds[0], fds[1]},
                        .count = 2,
                        .upper = fds[2],
                        .work = fds[3],
                        .userxattr = f->userxattr,
                        .unsynced = true,
                        .source = "plashui:probe",
                        .what = "a test"};
    struct overlay_trouble why;
    int mount = overlay_try(&o, &why);
    if (mount < 0) {
        struct failure failure = overlay_diagnosis(&o, &why);
        note(f->overlay_why, failure.reason ? failure.reason : strerror(failure.error));
        note_failure(f, &failure);
        return;
    }
    f->tier = o.tier;
    f->overlay = true;
    close(mount);
}

/* In a child, since namespaces are for good. */
static void try_all(struct findings *f, const char *place, uid_t owner) {
    struct identity me = userns_try(CLONE_NEWNS);
    f->map = me.map;
    note(f->map_why, me.why);
    if (me.map == MAP_NONE) {
        note(f->overlay_why, "it needs a user namespace");
        note_failure(f, &me.failure);
        return;
    }
    f->userxattr = in_a_userns() || owner != 0;
    if (!unshare_forbidden())
        mounts_become_ours();
    int where = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (where < 0)
        note(f->overlay_why, strerror(errno));
    else
        try_overlay(f, where);
}

/* Makes and removes the directory for the try, in the same namespaces. */
static struct findings find_out(const char *store) {
    struct findings f = {0};
    struct stat st;
    const char *temporary = getenv("TMPDIR");
    char *place =
        store ? must_print("%s/tmp/plashtmp_%d_%d_XXXXXX", store, getsid(0), getpid())
              : must_print("%s/plash-probe-XXXXXX", temporary && *temporary ? temporary : "/tmp");
    uid_t owner = stat(store ? store : "/", &st) == 0 ? st.st_uid : 0;
    bool made = mkdtemp(place) != NULL;
    int pipes[2], error = errno;
    must(pipe2(pipes, O_CLOEXEC), "make a pipe", NULL);
    pid_t pid = must(fork(), "start a process", NULL);
    if (pid == 0) {
        try_all(&f, made ? place : "", store ? owner : geteuid());
        if (!made)
            note(f.overlay_why, must_print("%s: %s", place, strerror(error)));
        if (made) {
            char *slash = strrchr(place, '/'), *names[] = {slash + 1};
            *slash = 0;
            int parent = open(*place ? place : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            remove_names(parent, names, 1, 1);
        }
        ssize_t n = write(pipes[1], &f, sizeof f);
        _exit(n == (ssize_t)sizeof f ? 0 : 1);
    }
    close(pipes[1]);
    if (read(pipes[0], &f, sizeof f) != (ssize_t)sizeof f) {
        f = (struct findings){0};
        note(f.map_why, "the process that tried it died");
    }
    close(pipes[0]);
    waitpid(pid, NULL, 0);
    return f;
}

static char *hints(const struct findings *f, const char *tar) {
    static char text[2000];
    size_t n = 0;
    const char *problems[4][2] = {0};
    int count = 0;
    if (*f->hint_problem) {
        problems[count][0] = f->hint_problem;
        problems[count++][1] = f->hint_remedy;
    }
    if (f->map == MAP_SINGLE) {
        problems[count][0] = f->map_why;
        problems[count++][1] =
            strstr(f->map_why, "not installed")
                ? "As root, install the package uidmap (Debian, Ubuntu) or shadow (others)"
                : "As root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER";
    }
    if (!*tar) {
        problems[count][0] = "GNU tar is not installed";
        problems[count++][1] = "As root, install the package tar";
    }
    text[n++] = '[';
    for (int i = 0; i < count; i++) {
        struct json j;
        json_open(&j);
        json_text(&j, "problem", problems[i][0]);
        json_text(&j, "remedy", problems[i][1]);
        n += (size_t)snprintf(text + n, sizeof text - n - 2, "%s%.*s}", i ? "," : "", (int)j.length,
                              j.text);
        if (n > sizeof text - 2)
            n = sizeof text - 2;
    }
    text[n++] = ']';
    text[n] = 0;
    return text;
}

int verb_engine_probe(int argc, char **argv) {
    int at = engine_options(argc, argv, NULL, NULL, NULL, NULL);
    if (argc - at > 1)
        usage("engine:probe [--status-fd N] [--lifeline-fd N] [STORE]", 2);
    struct findings f = find_out(at < argc ? argv[at] : NULL);
    struct utsname kernel;
    must(uname(&kernel), "ask for", "the kernel's version");
    const char *tar = tar_path();

    struct json j;
    json_open(&j);
    json_text(&j, "kernel", kernel.release);
    json_number(&j, "uid", getuid());
    json_text(&j, "map", map_name(f.map));
    json_text(&j, "map_why", f.map_why);
    json_bool(&j, "overlay", f.overlay);
    json_text(&j, "overlay_why", f.overlay_why);
    json_bool(&j, "userxattr", f.userxattr);
    json_number(&j, "tier", (uint64_t)f.tier);
    json_number(&j, "landlock", (uint64_t)landlock_version());
    json_text(&j, "tar", tar);
    json_raw(&j, "hints", hints(&f, tar));
    json_answer(&j);
    return 0;
}
