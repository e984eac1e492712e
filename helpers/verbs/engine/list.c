/* engine:list — the names in a directory of an image, or of all below it. */
#include <fcntl.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "tree/walk.h"
#include "verbs/engine/read.h"
#include "verbs/verbs.h"

/* Only one thread walks: the directory that it reads is the one that it opened last. That is the
 * working directory, in which extended attributes are read by name, which works for every kind of
 * file. */
struct listing {
    struct look look;
    bool recursive; /* all below, too */
    bool chosen;    /* but enter only the directories named on standard input */
    char *path;     /* of what is being looked at, relative to the directory asked for */
    size_t prefix;  /* bytes of it that are the directory's, with a slash */
    size_t room;
    char **choice; /* sorted */
    size_t choices, choice_room;
};

static bool is_mark(const char *attribute) {
    return !strncmp(attribute, "user.overlay.", 13) || !strncmp(attribute, "trusted.overlay.", 16);
}

/* How long it is, or -1: it went while we looked, or is not even root's to read. */
static ssize_t value_of(const struct listing *l, const char *name, const char *attribute,
                        char *value, size_t room) {
    ssize_t n = lgetxattr(name, attribute, value, room);
    if (n < 0 && errno != ENODATA && errno != ENOENT && errno != EACCES && errno != EPERM)
        must(-1, "read an attribute of", l->path);
    return n;
}

/* The names of its attributes, in a buffer that the next call uses again; how many bytes. */
static size_t attributes_of(const struct listing *l, const char *name, const char **attributes) {
    static char names[65536]; /* the kernel has no more of them, and no longer values */
    ssize_t n = llistxattr(name, names, sizeof names);
    if (n < 0 && errno != EOPNOTSUPP && errno != ENOENT && errno != EACCES)
        must(-1, "read the attributes of", l->path);
    *attributes = names;
    return n < 0 ? 0 : (size_t)n;
}

/* The overlay's marks: y, the directory hides what is below; r, it has its content from elsewhere,
 * which only the kernel can assemble. */
static const char *mark_of(const struct listing *l, const char *name, const char *attributes,
                           size_t length) {
    const char *found = "";
    char value[XATTR_SIZE_MAX];
    for (const char *at = attributes; at < attributes + length; at += strlen(at) + 1) {
        const char *mark = is_mark(at) ? strrchr(at, '.') + 1 : "";
        if (!strcmp(at, "trusted.overlay.redirect") || !strcmp(at, "trusted.overlay.metacopy"))
            return "r";
        if (!strcmp(mark, "opaque") && value_of(l, name, at, value, sizeof value) == 1 &&
            *value == 'y')
            found = "y";
    }
    return found;
}

static void print_hex(const char *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("%02x", (unsigned char)bytes[i]);
}

static void print_attributes(const struct listing *l, const char *name, const char *attributes,
                             size_t length) {
    char value[XATTR_SIZE_MAX];
    for (const char *at = attributes; at < attributes + length; at += strlen(at) + 1) {
        ssize_t n = is_mark(at) ? -1 : value_of(l, name, at, value, sizeof value);
        if (n < 0)
            continue;
        print_hex(at, strlen(at));
        putchar('=');
        print_hex(value, (size_t)n);
        putchar(' ');
    }
    putchar(0);
}

static char letter_of(const struct stat *st) {
    switch (st->st_mode & S_IFMT) {
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFBLK:
        return 'b';
    case S_IFIFO:
        return 'p';
    case S_IFSOCK:
        return 's';
    case S_IFCHR:
        return st->st_rdev ? 'c' : 'w'; /* a file that the lower layers have is gone */
    default:
        return '-';
    }
}

/* In nanoseconds since 1970, of which 64 bits hold 292 years, and file systems know more. */
static void put_time(char *room, size_t size, struct timespec at) {
    long long seconds = at.tv_sec;
    long rest = at.tv_nsec;
    bool before = seconds < 0;
    if (before && rest) {
        seconds++;
        rest = 1000000000 - rest;
    }
    snprintf(room, size, "%s%llu%09ld", before ? "-" : "",
             before ? 0 - (unsigned long long)seconds : (unsigned long long)seconds, rest);
}

static void make_room(struct listing *l, size_t more) {
    if (l->prefix + more <= l->room)
        return;
    char *before = l->path;
    l->room = 2 * (l->prefix + more);
    l->path = must_allocate(l->room, 1);
    if (before)
        memcpy(l->path, before, l->prefix);
    free(before);
}

static void name_it(struct listing *l, const char *name) {
    make_room(l, strlen(name) + 2); /* a slash may come behind it */
    strcpy(l->path + l->prefix, name);
}

/* Its letter, or 0 if it went while we looked. `name` is relative to where we are; the
 * directory asked for has no name. */
static char print_entry(struct listing *l, const char *name) {
    struct stat st;
    const char *attributes = "";
    char target[4096] = "", device[32] = "", links[24] = "";
    int found = fstatat(AT_FDCWD, name, &st, AT_SYMLINK_NOFOLLOW);
    if (found < 0 && errno == ENOENT)
        return 0;
    must(found, "list", l->path);
    char letter = letter_of(&st);
    if (letter == 'l') {
        int n = must((int)readlinkat(AT_FDCWD, name, target, sizeof target - 1), "list", l->path);
        target[n] = 0;
    }
    if (letter == 'c' || letter == 'b')
        snprintf(device, sizeof device, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
    if (l->recursive && letter != 'd' && st.st_nlink > 1)
        snprintf(links, sizeof links, "%llu", (unsigned long long)st.st_ino);
    bool asked = l->look.layer || l->recursive;
    size_t length = asked ? attributes_of(l, name, &attributes) : 0;
    const char *mark = l->look.layer ? mark_of(l, name, attributes, length) : "";
    char modified[40];
    put_time(modified, sizeof modified, st.st_mtim);
    printf("%s%c%c%c%o%c%u%c%u%c%lld%c%lld%c%s%c%s%c%s%c%s%c%s%c", l->path, 0, letter, 0,
           st.st_mode & 07777, 0, st.st_uid, 0, st.st_gid, 0, (long long)st.st_size, 0,
           (long long)st.st_blocks * 512, 0, modified, 0, device, 0, target, 0, mark, 0, links, 0);
    print_attributes(l, name, attributes, l->recursive ? length : 0);
    if (ferror(stdout))
        answer_is_out();
    return letter;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_chosen(const struct listing *l, const char *path) {
    return l->choices && bsearch(&path, l->choice, l->choices, sizeof *l->choice, by_name);
}

static void read_choices(struct listing *l) {
    char *name = NULL;
    size_t room = 0;
    while (getdelim(&name, &room, 0, stdin) > 0) {
        if (l->choices == l->choice_room) {
            char **before = l->choice;
            l->choice_room = 2 * l->choice_room + 64;
            l->choice = must_allocate(l->choice_room, sizeof *l->choice);
            if (before)
                memcpy(l->choice, before, l->choices * sizeof *l->choice);
            free(before);
        }
        l->choice[l->choices++] = name;
        name = NULL;
        room = 0;
    }
    if (!feof(stdin))
        must(-1, "read", "standard input");
    if (l->choices)
        qsort(l->choice, l->choices, sizeof *l->choice, by_name);
}

/* Whether to enter what is being looked at, and with all below (as in what it lies in). */
static bool is_wanted(const struct listing *l, bool all_above, bool *all) {
    *all = all_above;
    if (!l->recursive || *all)
        return l->recursive;
    bool entered = is_chosen(l, l->path);
    strcat(l->path + l->prefix, "/");
    *all = is_chosen(l, l->path);
    return entered || *all;
}

static void list_entry(struct walk *w, struct worker *self, struct directory *d, struct entry e) {
    struct listing *l = w->more;
    bool all;
    name_it(l, e.name);
    if (print_entry(l, e.name) == 'd' && is_wanted(l, d->mark, &all))
        walk_into(self, d, e.name)->mark = all;
}

/* From here on, what is looked at is in this directory. */
static void begin_with(struct listing *l, const struct directory *d) {
    size_t end = 0;
    for (const struct directory *at = d; at->parent; at = at->parent)
        end += strlen(at->name) + 1;
    l->prefix = 0;
    make_room(l, end + 1);
    l->prefix = end;
    l->path[end] = 0;
    for (const struct directory *at = d; at->parent; at = at->parent) {
        size_t n = strlen(at->name);
        l->path[--end] = '/';
        end -= n;
        memcpy(l->path + end, at->name, n);
    }
}

static int list_open(struct walk *w, struct directory *d, int parent) {
    struct listing *l = w->more;
    begin_with(l, d);
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int fd = must(openat(parent, d->name, flags), "list", l->path);
    must(fchdir(fd), "list", l->path);
    return fd;
}

static void list_begin(struct walk *w, struct tree *tree) {
    struct listing *l = w->more;
    int fd = must(openat(AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "list", l->look.path);
    walk_top(w, tree, fd, "");
    tree->top->mark = l->recursive && !l->chosen;
    name_it(l, "");
    if (l->recursive)
        print_entry(l, ".");
}

static void list_end(struct walk *w, struct tree *tree) {
    struct listing *l = w->more;
    if (tree->failed)
        fail((struct failure){.step = "list",
                              .thing = l->look.path,
                              .reason = "a directory could not be read to its end"});
}

/* Of every entry but . and .., in no order, thirteen fields, each ended by a NUL:
 *   name   type (- d l c b p s, w a whiteout)   mode, octal   uid   gid, as seen inside
 *   size   allocated bytes   modified, in ns since 1970   MAJOR:MINOR of a device, else ""
 *   target of a symbolic link, else ""   the overlay's mark on a layer's own: y for an opaque
 *   directory, r for what is redirected, else ""
 *   and, only with --recursive or --chosen:
 *   a number that all names of a file with several have in common, else ""
 *   extended attributes, each as NAME=VALUE and a space, both in hexadecimal
 * With --recursive the first entry is PATH itself, without a name; names are then relative to
 * it, and a directory comes before what is in it. With --chosen only those directories are
 * entered that standard input names so, NUL after each; with all below where a slash is the
 * last of the name. */
int verb_engine_list(int argc, char **argv) {
    struct listing l = {0};
    int place = look_at(&l.look, argc, argv,
                        (struct option[]){{"--layer", .flag = &l.look.layer},
                                          {"--changes", .text = &l.look.changes},
                                          {"--recursive", .flag = &l.recursive},
                                          {"--chosen", .flag = &l.chosen},
                                          {0}});
    l.recursive = l.recursive || l.chosen;
    if (l.chosen)
        read_choices(&l);
    must(fchdir(place), "list", l.look.path);
    struct walk w = {.begin = list_begin,
                     .open = list_open,
                     .entry = list_entry,
                     .end = list_end,
                     .trees = 1,
                     .threads = 1,
                     .more = &l};
    walk_run(&w);
    answer_is_out();
    return 0;
}
