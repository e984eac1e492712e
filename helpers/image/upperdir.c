#include "image/upperdir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/options.h"
#include "mount/mountinfo.h"
#include "mount/overlay.h"
#include "process/procfs.h"
#include "store/workdir.h"
#include "tree/delete.h"

/* Of the store, by its name, which tells `clean` that somebody is there. Of any other place
 * by what the kernel knows it by: paths change. */
static char *name_of(const char *path, int dir) {
    struct stat st;
    char *base = strrchr(path, '/') + 1;
    size_t plain = strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (strncmp(base, "plashtmp_", 9) == 0 && !base[plain])
        return base;
    must(fstat(dir, &st), "look at", path);
    return must_print("changes.%llu.%llu", (unsigned long long)st.st_dev,
                      (unsigned long long)st.st_ino);
}

/* Who called us may hold it locked, and has handed on the descriptor: that lock is ours too, and
 * lives as long as either of us. */
static bool is_locked_for_us(int dir) {
    struct stat ours, it;
    return lock_fd >= 0 && fstat(lock_fd, &ours) == 0 && fstat(dir, &it) == 0 &&
           ours.st_ino == it.st_ino && ours.st_dev == it.st_dev;
}

void changes_claim(const char *step, const char *path, int dir) {
    struct failure f = {.step = step, .thing = path};
    if (flock(is_locked_for_us(dir) ? lock_fd : dir, LOCK_EX | LOCK_NB) < 0) {
        f.error = errno;
        const char *who = f.error == EWOULDBLOCK ? process_locking(dir) : NULL;
        if (f.error == EWOULDBLOCK)
            f.reason = must_print("another run is using it%s%s", who ? ": " : "", who ? who : "");
        fail(f);
    }
    const char *mounted = mount_that_writes(name_of(path, dir));
    if (mounted) {
        f.error = EBUSY;
        f.reason = must_print("the image mounted at %s is using it", mounted);
        fail(f);
    }
}

void changes_make_places(int dir, const char *step, const char *thing) {
    if ((mkdirat(dir, "data", 0755) < 0 && errno != EEXIST) ||
        (mkdirat(dir, "work", 0755) < 0 && errno != EEXIST))
        must(-1, step, thing);
}

/* Whose lock is asked for, and refused if somebody else has it. */
static bool take(const char *path, struct changes *c, bool must_have_it) {
    static const char step[] = "keep changes in";
    *c = (struct changes){.path = must_have(realpath(path, NULL), step, path)};
    c->lock = must(open(c->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), step, path);
    if (is_locked_for_us(c->lock)) {
        close(c->lock);
        c->lock = lock_fd;
    }
    if (!must_have_it && flock(c->lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        close(c->lock);
        return false;
    }
    changes_claim(step, c->path, c->lock);
    c->work = name_of(c->path, c->lock);
    changes_make_places(c->lock, step, path);
    return true;
}

struct changes changes_take(const char *path) {
    struct changes c;
    take(path, &c, true);
    return c;
}

bool changes_try_take(const char *path, struct changes *c) {
    return take(path, c, false);
}

static struct changes changes_in(const struct store *s, const struct workdir *w) {
    changes_make_places(w->fd, "make a directory for changes in the store", s->path);
    return (struct changes){.path = w->path, .work = w->name, .tmp = w->tmp, .lock = w->fd};
}

struct changes changes_new(const struct store *s) {
    struct workdir w = workdir_new(s);
    return changes_in(s, &w);
}

bool changes_try_new(const struct store *s, struct changes *c) {
    struct workdir w;
    if (store_is_for_reading() || store_is_anothers(s) || !overlay_writes_to(s->fd) ||
        !workdir_try_new(s, &w))
        return false;
    *c = changes_in(s, &w);
    return true;
}

void changes_forget_unsynced(const struct changes *c) {
    unlinkat(c->lock, "work/work/incompat/volatile/dirty", 0);
    unlinkat(c->lock, "work/work/incompat/volatile", AT_REMOVEDIR);
    unlinkat(c->lock, "work/work/incompat", AT_REMOVEDIR);
}

void changes_remove(const struct changes *c) {
    remove_names(c->tmp, (char *[]){c->work}, 1, REMOVE_THREADS);
}
