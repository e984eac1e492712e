/* clean — what killed programs have left over is removed.
 *
 * Where there could be more (changes of shells, downloads, caches …), all is plashui's: to tell
 * what it is, to remove it and to say how much that was. In doubt it is asked. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/fail.h"
#include "base/units.h"
#include "image/leftovers.h"
#include "process/python_handover.h"
#include "store/ids.h"
#include "store/store.h"
#include "verbs/verbs.h"

enum { MONTH = 30 * 24 * 60 * 60 };

/* A mark of an image that is not there; it may be in the trash. */
static bool marks_no_image(int dir, const char *name, const void *of) {
    const struct store *s = of;
    struct stat st;
    char link[ID_SIZE + 8];
    snprintf(link, sizeof link, "index/%.*s", ID_SIZE, name);
    (void)dir;
    return is_id(name) && fstatat(s->fd, link, &st, AT_SYMLINK_NOFOLLOW) < 0;
}

/* The cache of facts, as plashui writes one for each store, may be of one that is gone if nobody
 * has written it for a month. */
static bool may_be_of_no_store(int dir, const char *name, const void *of) {
    const struct store *s = of;
    struct stat made, st;
    const char *dot = strrchr(name, '.');
    if ((dot && !strcmp(dot, ".new")) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return true;
    if (time(NULL) - st.st_mtime < MONTH)
        return false;
    if (fstatat(s->fd, "layer/0/_data", &made, AT_SYMLINK_NOFOLLOW) < 0)
        return true;
    char *ours = must_print("-%lx-%lx-%llx", (unsigned long)made.st_dev, (unsigned long)made.st_ino,
                            (unsigned long long)made.st_ctim.tv_sec * 1000000000 +
                                (unsigned long long)made.st_ctim.tv_nsec);
    const char *dash = strchr(name, '-');
    return !dash || strcmp(dash, ours) != 0;
}

/* Whether `wanted`, given the store, accepts a name in a directory; also if that cannot be told. */
static bool any(const struct store *s, int from, const char *path,
                bool (*wanted)(int dir, const char *name, const void *of)) {
    int fd = openat(from, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return directory_has(fd, wanted, s);
}

/* A layer that waits for those below it: see plashui/store/oci/kept_layers.py. */
static bool is_kept_layer(int dir, const char *name, const void *of) {
    (void)dir;
    (void)of;
    return !strncmp(name, "layer_", 6);
}

/* A blob that a pull has kept: see plashui/store/oci/kept_blobs.py. */
static bool is_kept_too_long(int dir, const char *name, const void *of) {
    (void)of;
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || time(NULL) - st.st_mtime >= MONTH;
}

static bool caches_may_be_left(const struct store *s) {
    const char *caches = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    bool chosen = caches && *caches;
    if (!chosen && !(home && *home))
        return true;
    char *path = chosen ? must_print("%s/plashui", caches) : must_print("%s/.cache/plashui", home);
    return any(s, AT_FDCWD, path, may_be_of_no_store);
}

static bool more_may_be_left(const struct store *s) {
    return any(s, s->fd, "tmp", is_kept_layer) || any(s, s->fd, "kept", any_name) ||
           any(s, s->fd, "downloads", any_name) || any(s, s->fd, "blobs", is_kept_too_long) ||
           any(s, s->fd, "layer/0/_meta/pinned", marks_no_image) ||
           any(s, s->fd, "layer/0/_meta/used", marks_no_image) ||
           any(s, s->fd, "layer/0/_meta/written", marks_no_image) || caches_may_be_left(s);
}

/* As plashui/operations/gc.py says it, which knows of more. */
static void say(const struct swept *done) {
    char *words = NULL, *freed = "";
    if (done->directories)
        words = plural(done->directories, "leftover");
    if (done->links) {
        char *links = plural(done->links, "dead link");
        words = words ? must_print("%s and %s", words, links) : links;
    }
    if (done->removed.bytes)
        freed = must_print(", %s freed", size_in_words(done->removed.bytes));
    if (words || *freed)
        dprintf(STDERR_FILENO, "%s removed%s\n", words ? words : plural(0, "leftover"), freed);
    else
        dprintf(STDERR_FILENO, "nothing was %s\n",
                done->removed.failed ? "removed" : "left behind");
}

int verb_clean(int argc, char **argv) {
    if (argc != 1)
        hand_over(argv - 1);
    struct store s = store_here();
    struct stat st;
    /* What lacks these is not a store, or not a whole one. */
    bool whole = s.fd >= 0 && fstatat(s.fd, "layer/0/_data/root", &st, 0) == 0 &&
                 fstatat(s.fd, "index", &st, 0) == 0 && fstatat(s.fd, COUNTER, &st, 0) == 0;
    store_refuse_anothers(&s);
    if (!whole || more_may_be_left(&s))
        hand_over(argv - 1);
    struct swept done = leftovers_sweep(&s);
    say(&done);
    if (done.removed.failed)
        removed_in_part(must_print("%s/tmp", s.path), &done.removed);
    return 0;
}
