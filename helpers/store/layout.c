#include "store/layout.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "store/ids.h"
#include "userns/passwd.h"

static const char ELSEWHERE[] = "Set PLASH_DATA to a directory you may write to";

static const char *const directories[] = {
    "index", "map", "tmp", "mnt", "layer", "layer/0", "layer/0/_data", "layer/0/_data/root"};

void layout_trouble(const char *step, const struct store *s, int error) {
    struct account owner;
    bool foreign =
        error == EACCES && s->fd >= 0 && s->owner != geteuid() && account_here(s->owner, &owner);
    const char *who = foreign ? must_print("It belongs to the user %s", owner.name) : NULL;
    fail((struct failure){.step = must_print("%s the store", step),
                          .thing = s->path,
                          .error = error,
                          .remedy = who                                        ? who
                                    : error == EACCES || !strcmp(step, "make") ? ELSEWHERE
                                                                               : NULL});
}

/* What may be in a store that the old program has purged, or in one being made. */
static bool is_left(const char *name) {
    static const char *const left[] = {"map",       "tmp",   "mnt",     "trash", "memory",
                                       "downloads", "blobs", "volumes", "kept",  "lost+found"};
    for (size_t i = 0; i < sizeof left / sizeof *left; i++)
        if (!strcmp(name, left[i]))
            return true;
    return !strcmp(name, ".") || !strcmp(name, "..");
}

/* Whether a directory holds files of somebody else, and none that make a store. */
static bool is_foreign(const struct store *s) {
    static const char *const marks[] = {"index", "layer", COUNTER};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (faccessat(s->fd, marks[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
            return false;
    int fd = openat(s->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        layout_trouble("look at", s, errno);
    bool foreign = false;
    for (struct dirent *e; !foreign && (e = readdir(dir));)
        foreign = !is_left(e->d_name);
    closedir(dir);
    return foreign;
}

/* The directory of a new store is nobody else's business: its layers may hold setuid files. */
static void make_root(const char *path) {
    struct store none = {.path = path, .fd = -1};
    char *place = must_copy(path);
    for (char *slash = place; (slash = strchr(slash + 1, '/')); *slash = '/') {
        *slash = 0;
        if (mkdir(place, 0777) < 0 && errno != EEXIST)
            layout_trouble("make", &none, errno);
    }
    if (mkdir(place, 0700) < 0 && errno != EEXIST)
        layout_trouble("make", &none, errno);
    free(place);
}

struct store store_made(void) {
    struct store s = store_here();
    if (s.fd < 0) {
        make_root(s.path);
        s = store_at(s.path);
    } else if (is_foreign(&s)) {
        refuse("%s is not a store: it holds other files. Choose an empty or a new directory for "
               "PLASH_DATA",
               s.path);
    }
    store_refuse_anothers(&s);
    for (size_t i = 0; i < sizeof directories / sizeof *directories; i++)
        if (mkdirat(s.fd, directories[i], 0755) < 0 && errno != EEXIST)
            layout_trouble("make", &s, errno);
    if (symlinkat("../layer/0", s.fd, "index/0") < 0 && errno != EEXIST)
        layout_trouble("make", &s, errno);
    ids_make_counter(&s);
    return s;
}
