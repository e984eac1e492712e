#include "squashfs/unpack.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "squashfs/unpack_file.h"

enum { MOST_THREADS = 8 };

/* Directories wait on a stack; a worker takes one, makes all that is in it, and puts its
 * directories on the stack. It gets its mode and time when all below it is done. */
struct work {
    struct squashfs_unpacking *u;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct folder *stack;
    unsigned busy;
    _Atomic bool failed;
    struct seen seen;
};

static size_t write_path(const struct folder *f, char *to, size_t room) {
    size_t length = f->parent ? write_path(f->parent, to, room) : 0;
    int n = f->parent ? snprintf(to + length, room - length, "%s/", f->name) : 0;
    return length + (size_t)n < room ? length + (size_t)n : length;
}

static void path_of(const struct folder *f, const char *name, char *path, size_t room) {
    size_t length = write_path(f, path, room);
    snprintf(path + length, room - length, "%s", name);
}

/* Of EIO the squashfs is the reason: what the disk does not write is ENOSPC. */
static void failed(struct work *w, int error, const struct folder *f, const char *name) {
    char path[768];
    path_of(f, name, path, sizeof path);
    pthread_mutex_lock(&w->lock);
    if (!w->failed)
        snprintf(w->u->wrong, sizeof w->u->wrong, "%s: %s", *path ? path : "/",
                 error == -EIO ? "it is damaged" : strerror(-error));
    w->failed = true;
    pthread_mutex_unlock(&w->lock);
}

static bool is_wanted(const struct work *w, const struct folder *f, const char *name) {
    char path[4096];
    if (!w->u->only || f->is_wanted)
        return true;
    path_of(f, name, path, sizeof path);
    return fnmatch(w->u->only, path, FNM_PATHNAME) == 0;
}

static int add_folder(struct work *w, struct folder *in, const char *name, uint64_t where) {
    struct folder *f = calloc(1, sizeof *f + strlen(name) + 1);
    if (!f)
        return -ENOMEM;
    *f = (struct folder){.parent = in, .where = where, .pending = 1, .fd = -1};
    f->is_wanted = is_wanted(w, in, name);
    memcpy(f->name, name, strlen(name) + 1);
    pthread_mutex_lock(&w->lock);
    f->next = w->stack;
    w->stack = f;
    in->pending++;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    return 0;
}

static int make(struct work *w, struct folder *in, const struct squashfs_listing *l,
                uint8_t *buffer) {
    struct squashfs_inode inode;
    int error = squashfs_inode(w->u->image, l->where, &inode);
    if (error)
        return error;
    if (S_ISDIR(inode.mode)) {
        if (seen_directory(&w->seen, inode.where))
            return -ELOOP;
        if (mkdirat(in->fd, l->name, 0700) < 0)
            return -errno;
        return add_folder(w, in, l->name, inode.where);
    }
    if (!is_wanted(w, in, l->name))
        return 0;
    w->u->files++;
    return unpack_file(w->u, &w->seen, in, l->name, &inode, buffer);
}

/* Everything in it, and it itself, is made. */
static int finish(struct work *w, struct folder *f) {
    struct squashfs_inode inode;
    int error = squashfs_inode(w->u->image, f->where, &inode);
    if (!error)
        error = unpack_facts(w->u, f->fd, &inode);
    if (!f->parent)
        return error;
    close(f->fd);
    f->fd = -1;
    if (!f->is_wanted) /* it is only the way to something, or to nothing */
        unlinkat(f->parent->fd, f->name, AT_REMOVEDIR);
    return error;
}

static bool is_finished(struct work *w, struct folder *f) {
    pthread_mutex_lock(&w->lock);
    bool is = --f->pending == 0;
    pthread_mutex_unlock(&w->lock);
    return is;
}

static void unpack_folder(struct work *w, struct folder *f, uint8_t *buffer) {
    struct squashfs_inode inode;
    struct squashfs_listing l = {0};
    if (f->fd < 0)
        f->fd = openat(f->parent->fd, f->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int next = f->fd < 0 ? -errno : squashfs_inode(w->u->image, f->where, &inode);
    if (!next)
        next = squashfs_list(w->u->image, &inode, &l);
    if (!next)
        next = 1;
    while (next > 0 && !w->failed) {
        l.name[0] = 0;
        next = squashfs_next(w->u->image, &l);
        if (next > 0) {
            int error = make(w, f, &l, buffer);
            next = error ? error : 1;
        }
    }
    if (next < 0)
        failed(w, next, f, l.name);
    while (f && !w->failed && is_finished(w, f)) {
        int error = finish(w, f);
        if (error)
            failed(w, error, f, "");
        f = f->parent;
    }
}

static void *work(void *of) {
    struct work *w = of;
    uint8_t *buffer = malloc(w->u->image->block_size);
    pthread_mutex_lock(&w->lock);
    while (buffer) {
        while (!w->stack && w->busy && !w->failed)
            pthread_cond_wait(&w->more, &w->lock);
        struct folder *f = w->stack;
        if (!f || w->failed)
            break;
        w->stack = f->next;
        w->busy++;
        pthread_mutex_unlock(&w->lock);
        unpack_folder(w, f, buffer);
        pthread_mutex_lock(&w->lock);
        w->busy--;
        pthread_cond_broadcast(&w->more);
    }
    if (!buffer) {
        w->failed = true;
        pthread_cond_broadcast(&w->more);
    }
    pthread_mutex_unlock(&w->lock);
    free(buffer);
    return NULL;
}

static unsigned processors(void) {
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
    return n > MOST_THREADS ? MOST_THREADS : (unsigned)n;
}

/* A directory stays open until all in it is done: as many as the tree is deep. */
static struct rlimit allow_many_descriptors(void) {
    struct rlimit before = {0};
    if (getrlimit(RLIMIT_NOFILE, &before) == 0)
        setrlimit(RLIMIT_NOFILE,
                  &(struct rlimit){.rlim_cur = before.rlim_max, .rlim_max = before.rlim_max});
    return before;
}

bool squashfs_unpack(struct squashfs_unpacking *u) {
    struct folder top = {
        .where = u->from, .pending = 1, .fd = u->into, .is_wanted = !u->only, .next = NULL};
    struct work w = {
        .u = u, .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .stack = &top};
    pthread_t thread[MOST_THREADS];
    unsigned wanted = u->threads ? u->threads : processors(), started = 0;
    u->wrong[0] = 0;
    struct rlimit before = allow_many_descriptors();
    seen_open(&w.seen);
    seen_directory(&w.seen, u->from);
    while (started + 1 < wanted && started < MOST_THREADS &&
           pthread_create(&thread[started], NULL, work, &w) == 0)
        started++;
    work(&w);
    for (unsigned i = 0; i < started; i++)
        pthread_join(thread[i], NULL);
    if (w.failed && !u->wrong[0])
        snprintf(u->wrong, sizeof u->wrong, "%s", strerror(ENOMEM));
    seen_close(&w.seen);
    if (before.rlim_max)
        setrlimit(RLIMIT_NOFILE, &before);
    return !w.failed;
}
