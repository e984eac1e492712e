#include "tree/delete.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/syscalls.h"
#include "process/lifeline.h"
#include "tree/walk.h"

/* Deeper than this, a directory is first moved to the top of the doomed tree. So no tree is
 * too deep, and open descriptors stay few: threads times this. */
enum { DEEP = 40, PASSES = 8 };

struct removing {
    int dir;
    char **names;
    _Atomic uint64_t files, dirs, bytes, failed;
    _Atomic unsigned moved;
    _Atomic size_t unfinished; /* names */
    pthread_mutex_t lock;
    char first[512];
    int error;
};

/* A path of any length, of which the end counts most. */
static void put_path(char *room, size_t size, const struct directory *d, const char *name) {
    size_t at = size, n = strlen(name);
    room[--at] = 0;
    while (n + 5 < at) {
        at -= n;
        memcpy(room + at, name, n);
        if (!d) {
            memmove(room, room + at, size - at);
            return;
        }
        room[--at] = '/';
        name = d->name;
        n = strlen(name);
        d = d->parent;
    }
    memmove(room + 3, room + at, size - at);
    memcpy(room, "...", 3);
}

/* Of `name` in the directory `d`, or of a whole tree. */
static void failed(struct removing *r, const struct directory *d, const char *name, int error) {
    pthread_mutex_lock(&r->lock);
    if (r->failed == 0) {
        put_path(r->first, sizeof r->first, d, name);
        r->error = error;
    }
    r->failed += r->failed == 0 || error != ENOTEMPTY;
    pthread_mutex_unlock(&r->lock);
}

/* A directory may forbid its owner to read it or to delete in it. Root of a user namespace may do
 * both; without one, the owner may change the mode. That is done by descriptor: no link put in its
 * place is followed. */
static bool make_accessible(int parent, const char *name) {
    char path[32];
    int fd = openat(parent, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return false;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    bool done = chmod(path, 0700) == 0;
    close(fd);
    return done;
}

static int open_to_delete(int parent, const char *name) {
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    unsigned how = K_NO_SYMLINKS | K_BENEATH | K_NO_XDEV;
    int fd = k_openat2(parent, name, flags, how);
    if (fd < 0 && errno == EACCES && make_accessible(parent, name))
        fd = k_openat2(parent, name, flags, how);
    return fd;
}

static int remove_open(struct walk *w, struct directory *d, int parent) {
    int fd = open_to_delete(parent, d->name);
    if (fd < 0 && errno != ENOENT)
        failed(w->more, d->parent, d->name, errno == EXDEV ? EBUSY : errno);
    return fd;
}

/* The directory of this tree that all others end up below, and so does what is too deep. */
static bool move_to_top(struct removing *r, struct worker *self, struct directory *d,
                        const char *name) {
    char new_name[64];
    struct directory *top = d->tree->top;
    snprintf(new_name, sizeof new_name, ".plash-deep-%d-%u", getpid(), r->moved++);
    if (renameat(d->fd, name, top->fd, new_name) < 0)
        return false;
    walk_into(self, top, new_name);
    return true;
}

/* Two threads may each remove a name of one file. */
static int remove_file(struct removing *r, int dir, const char *name) {
    struct stat st = {0};
    bool shared = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_nlink > 1;
    if (shared) {
        pthread_mutex_lock(&r->lock);
        fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
    }
    int result = unlinkat(dir, name, 0);
    if (shared)
        pthread_mutex_unlock(&r->lock);
    if (result == 0) {
        atomic_fetch_add(&r->files, 1);
        if (st.st_nlink == 1)
            atomic_fetch_add(&r->bytes, (uint64_t)st.st_blocks * 512);
    }
    return result;
}

static void remove_entry(struct walk *w, struct worker *self, struct directory *d, struct entry e) {
    struct removing *r = w->more;
    if (e.type != DT_DIR) {
        int result = remove_file(r, d->fd, e.name);
        if (result < 0 && errno == EACCES && fchmod(d->fd, 0700) == 0)
            result = remove_file(r, d->fd, e.name);
        if (result == 0 || errno == ENOENT)
            return;
        if (errno != EISDIR) {
            failed(r, d, e.name, errno);
            return;
        }
    }
    if (d->depth < DEEP || !move_to_top(r, self, d, e.name))
        walk_into(self, d, e.name);
}

static bool remove_empty(struct removing *r, int parent, const struct directory *d) {
    struct stat st = {0};
    fstat(d->fd, &st);
    if (unlinkat(parent, d->name, AT_REMOVEDIR) < 0)
        return false;
    atomic_fetch_add(&r->dirs, 1);
    atomic_fetch_add(&r->bytes, (uint64_t)st.st_blocks * 512);
    return true;
}

static void remove_directory(struct removing *r, int parent, const struct directory *d) {
    bool done = remove_empty(r, parent, d);
    if (!done && errno == EACCES && fchmod(parent, 0700) == 0)
        done = remove_empty(r, parent, d);
    if (!done && errno != ENOENT)
        failed(r, d->parent, d->name, errno);
}

static bool remove_leave(struct walk *w, struct directory *d) {
    struct removing *r = w->more;
    int parent = d->parent ? d->parent->fd : r->dir;
    if (!d->parent && r->unfinished == 1)
        finish_watching();
    /* Reading while deleting may have missed something (and somebody may still write). */
    if (remove_empty(r, parent, d))
        return false;
    if (errno == ENOTEMPTY && d->passes < PASSES && !r->failed && lseek(d->fd, 0, SEEK_SET) == 0)
        return true;
    remove_directory(r, parent, d);
    return false;
}

static void remove_end(struct walk *w, struct tree *tree) {
    struct removing *r = w->more;
    atomic_fetch_sub(&r->unfinished, 1);
    free(tree);
}

static void remove_begin(struct walk *w, struct tree *tree) {
    struct removing *r = w->more;
    const char *name = r->names[tree->index];
    int fd = open_to_delete(r->dir, name);
    if (fd >= 0) {
        walk_top(w, tree, fd, name);
        return;
    }
    if (errno == ENOTDIR || errno == ELOOP) {
        if (remove_file(r, r->dir, name) < 0)
            failed(r, NULL, name, errno);
    } else if (errno != ENOENT) {
        failed(r, NULL, name, errno);
    }
    remove_end(w, tree);
}

static void remove_progress(struct walk *w) {
    struct removing *r = w->more;
    struct json j;
    event_open(&j, "progress");
    json_number(&j, "files", r->files);
    event_send(&j);
}

struct removed remove_names(int dir, char **names, size_t count, uint64_t threads) {
    struct removing r = {.dir = dir, .names = names, .unfinished = count};
    pthread_mutex_init(&r.lock, NULL);
    struct walk w = {
        .begin = remove_begin,
        .open = remove_open,
        .entry = remove_entry,
        .leave = remove_leave,
        .end = remove_end,
        .progress = status_fd >= 0 ? remove_progress : NULL,
        .trees = count,
        .threads = threads,
        .keep_open = true,
        .more = &r,
    };
    walk_run(&w);
    struct removed result = {
        .files = r.files, .dirs = r.dirs, .bytes = r.bytes, .failed = r.failed, .error = r.error};
    memcpy(result.first, r.first, sizeof result.first);
    return result;
}

void removed_in_part(const char *directory, const struct removed *r) {
    bool refused = r->error == EPERM || r->error == EACCES;
    char *more = r->failed == 1 ? must_copy("")
                                : must_print(" (and %llu more)", (unsigned long long)r->failed - 1);
    fail((struct failure){
        .step = "remove",
        .thing = must_print("%s/%s", directory, r->first),
        .error = r->error,
        .reason = must_print("%s%s; everything else is removed", strerror(r->error), more),
        .remedy = refused ? "It is immutable, or belongs to another user. As root: chattr -R -i "
                            "PATH && rm -r PATH"
                          : NULL});
}
