/* engine:split — a part of changes moves to another directory of changes, as a list says. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "layer/copy_attributes.h"
#include "layer/merged.h"
#include "layer/opaque.h"
#include "process/lifeline.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct split {
    struct store store;
    struct image image;
    int from, to; /* their data/ */
    int draft;    /* the directory that holds the second */
};

#define DRAFT "making" /* what a directory is called until it has its attributes */

static int open_directory(int at, const char *path, const char *what) {
    int how = O_RDONLY | O_DIRECTORY;
    return must(k_openat2(at, *path ? path : ".", how, K_BENEATH | K_NO_SYMLINKS), what, path);
}

/* Open the directory of `path` below `top`, and return the name in it. */
static int parent_of(int top, const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if (!**name || !strcmp(*name, ".") || !strcmp(*name, ".."))
        refuse("\"%s\" is not a path in changes", path);
    char *above = must_copy(path);
    above[slash ? slash - path : 0] = 0;
    int fd = open_directory(top, above, "open in the changes");
    free(above);
    return fd;
}

/* Open the directory at `path` as the topmost layer of the image has it; -1 if it has none. */
static int directory_below(struct split *s, const char *path) {
    struct merged *at = merged_layers(&s->store, &s->image);
    char *rest = must_copy(path), *start = rest;
    for (char *name; at->count && (name = strsep(&rest, "/"));) {
        if (!*name)
            continue;
        struct merged *inner = merged_step(at, name);
        merged_close(at);
        at = inner;
    }
    free(start);
    int fd = at->count ? must(fcntl(at->fds[0], F_DUPFD_CLOEXEC, 0), "open", path) : -1;
    merged_close(at);
    return fd;
}

/* It comes to its place whole, attributes and all: whoever is killed before has made nothing. */
static void make_directory(struct split *s, const char *path) {
    const char *name = "data";
    struct stat st;
    int like = directory_below(s, path);
    int into = s->to < 0 ? s->draft : parent_of(s->to, path, &name);
    if (like < 0)
        like = open_directory(s->from, path, "open in the changes");
    must(fstat(like, &st), "look at", path);
    if (unlinkat(s->draft, DRAFT, AT_REMOVEDIR) < 0 && errno != ENOENT)
        must(-1, "remove", DRAFT);
    must(mkdirat(s->draft, DRAFT, 0700), "make", path);
    copy_attributes(like, ".", s->draft, DRAFT, &st, path);
    must(k_renameat2(s->draft, DRAFT, into, name, K_RENAME_NOREPLACE), "make", path);
    if (into != s->draft)
        close(into);
    close(like);
}

/* The times of both directories stay as they are. */
static void move(struct split *s, const char *path) {
    const char *name, *same;
    struct stat before[2];
    int at[] = {parent_of(s->from, path, &name), parent_of(s->to, path, &same)};
    for (int i = 0; i < 2; i++)
        must(fstat(at[i], &before[i]), "look at the directory of", path);
    must(k_renameat2(at[0], name, at[1], name, K_RENAME_NOREPLACE), "move", path);
    for (int i = 0; i < 2; i++) {
        struct timespec times[] = {before[i].st_atim, before[i].st_mtim};
        must(futimens(at[i], times), "keep the time of the directory of", path);
        close(at[i]);
    }
}

static void carry_out(struct split *s, char what, const char *path) {
    switch (what) {
    case 'o':
        opaque_to_whiteouts(&s->store, &s->image, s->from, path);
        break;
    case 'd':
        make_directory(s, path);
        break;
    case 'm':
        move(s, path);
        break;
    default:
        refuse("the list of a split says \"%c\"", what);
    }
}

static int data_of(const struct store *s, const char *place) {
    return k_openat2(s->fd, must_print("%s/data", place), O_RDONLY | O_DIRECTORY,
                     K_BENEATH | K_NO_SYMLINKS);
}

/* On standard input, words, a NUL after each: a letter and a path, "" for the root directory.
 *   oPATH  the opaque directory of FROM gets whiteouts instead of its mark
 *   dPATH  a directory of TO is made, with the attributes that it has in IMAGE, else in FROM;
 *          that of "" is the first
 *   mPATH  what FROM has there moves to TO
 * FROM and TO are directories of changes of IMAGE, as paths in the store. The caller has locked
 * them. */
int verb_engine_split(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 4, 4);
    struct split s = {.store = store_at(argv[at])};
    store_refuse_anothers(&s.store);
    s.image = image_named(&s.store, argv[at + 1]);
    image_lock(&s.store, &s.image);
    userns_try(0);
    watch_lifeline();
    s.from = must(data_of(&s.store, argv[at + 2]), "open data in", argv[at + 2]);
    s.draft = open_directory(s.store.fd, argv[at + 3], "open");
    s.to = data_of(&s.store, argv[at + 3]);
    must(s.to < 0 && errno != ENOENT ? -1 : 0, "open data in", argv[at + 3]);

    char *word = NULL;
    size_t room = 0;
    for (ssize_t n; (n = getdelim(&word, &room, 0, stdin)) > 0;) {
        if (n < 2 || word[n - 1])
            refuse("the list of a split is cut off");
        carry_out(&s, *word, word + 1);
        if (s.to < 0)
            s.to = data_of(&s.store, argv[at + 3]);
    }
    must(ferror(stdin) ? -1 : 0, "read", "standard input");
    return 0;
}
