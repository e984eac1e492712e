#include "tree/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/fail.h"
#include "base/syscalls.h"

enum {
    READ_AT_ONCE = 64 * 1024,
    OPEN_AT_MOST = 400, /* directories kept open only for their children's sake */
    WORTH_A_THREAD = 4, /* directories waiting */
};

struct worker {
    struct walk *walk;
    bool first;
    struct directory *found; /* in the directory being read */
    _Alignas(8) char buffer[READ_AT_ONCE];
};

struct kernel_dirent { /* linux_dirent64 */
    uint64_t inode;
    int64_t offset;
    unsigned short length;
    unsigned char type;
    char name[];
};

static struct directory *new_directory(struct tree *tree, struct directory *parent,
                                       const char *name) {
    size_t n = strlen(name) + 1;
    struct directory *d = must_allocate(1, sizeof *d + n);
    d->tree = tree;
    d->parent = parent;
    d->depth = parent ? parent->depth + 1 : 0;
    d->fd = -1;
    d->pending = 1;
    memcpy(d->name, name, n);
    return d;
}

struct directory *walk_into(struct worker *self, struct directory *parent, const char *name) {
    struct directory *d = new_directory(parent->tree, parent, name);
    d->next = self->found;
    self->found = d;
    return d;
}

/* Called with the lock held. */
static void push_on(struct directory **stack, struct walk *w, struct directory *d) {
    d->next = *stack;
    *stack = d;
    w->waiting++;
}

static void push(struct walk *w, struct directory *d) {
    push_on(&w->stack, w, d);
}

void walk_top(struct walk *w, struct tree *tree, int fd, const char *name) {
    tree->top = new_directory(tree, NULL, name);
    tree->top->fd = fd;
    pthread_mutex_lock(&w->lock);
    push(w, tree->top);
    pthread_mutex_unlock(&w->lock);
}

static uint64_t now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void maybe_progress(struct worker *self) {
    struct walk *w = self->walk;
    if (!self->first || !w->progress)
        return;
    uint64_t now = now_ms();
    if (now - w->last_progress < 100)
        return;
    w->last_progress = now;
    w->progress(w);
}

/* Open again a parent whose descriptor was closed: from the top of the tree, in pieces that fit
 * into one path. A link that somebody has put there is not followed. */
static int open_from_top(struct directory *d) {
    struct directory **chain = must_allocate(d->depth, sizeof *chain);
    unsigned n = d->depth;
    for (struct directory *at = d; at->parent; at = at->parent)
        chain[--n] = at;
    int fd = -1, from = d->tree->top->fd;
    char path[4096];
    for (unsigned i = 0; i < d->depth;) {
        size_t length = 0;
        do {
            size_t name = strlen(chain[i]->name);
            if (length + name + 2 > sizeof path)
                break;
            memcpy(path + length, chain[i]->name, name);
            length += name;
            path[length++] = '/';
        } while (++i < d->depth);
        path[length] = 0;
        int next = k_openat2(from, path, O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS);
        if (fd >= 0)
            close(fd);
        fd = from = next;
        if (fd < 0)
            break;
    }
    free(chain);
    return fd;
}

static void open_directory(struct walk *w, struct directory *d) {
    struct directory *parent = d->parent;
    int from = parent->fd;
    if (from < 0)
        from = parent->depth ? open_from_top(parent) : parent->tree->top->fd;
    d->fd = w->open(w, d, from);
    if (from != parent->fd)
        close(from);

    pthread_mutex_lock(&w->lock);
    w->open_directories += d->fd >= 0;
    /* The last child that wanted it has it. The top's stays, for open_from_top. */
    if (--parent->unopened == 0 && !w->keep_open && parent->fd >= 0 && parent->parent) {
        close(parent->fd);
        parent->fd = -1;
        w->open_directories--;
    }
    pthread_mutex_unlock(&w->lock);
}

static void read_directory(struct worker *self, struct directory *d) {
    struct walk *w = self->walk;
    long n;
    while ((n = syscall(SYS_getdents64, d->fd, self->buffer, sizeof self->buffer)) > 0) {
        for (long at = 0; at < n;) {
            struct kernel_dirent *e = (struct kernel_dirent *)(void *)(self->buffer + at);
            at += e->length;
            if (e->name[0] == '.' && (!e->name[1] || (e->name[1] == '.' && !e->name[2])))
                continue;
            w->entry(w, self, d, (struct entry){e->name, e->type});
        }
        maybe_progress(self);
    }
    if (n < 0)
        atomic_fetch_add(&d->tree->failed, 1);
    d->passes++;
}

/* Called without the lock. `d` is read, and so is all below it; perhaps that also ends its
 * parent. */
static void finish(struct walk *w, struct directory *d) {
    for (;;) {
        if (w->leave && d->fd >= 0 && w->leave(w, d)) {
            pthread_mutex_lock(&w->lock);
            d->pending = 1;
            push(w, d);
            pthread_cond_signal(&w->work);
            pthread_mutex_unlock(&w->lock);
            return;
        }
        struct directory *parent = d->parent;
        struct tree *tree = d->tree;
        if (d->fd >= 0)
            close(d->fd);
        pthread_mutex_lock(&w->lock);
        w->open_directories -= d->fd >= 0;
        bool last = parent && --parent->pending == 0;
        pthread_mutex_unlock(&w->lock);
        free(d);
        if (!parent)
            w->end(w, tree);
        if (!last)
            return;
        d = parent;
    }
}

static void *work(void *argument);

/* Called with the lock held: one more thread if there is work for it. */
static void maybe_hire(struct walk *w) {
    if ((uint64_t)w->running >= w->threads || w->busy < w->running ||
        (w->waiting < WORTH_A_THREAD && w->trees - w->next_tree < WORTH_A_THREAD))
        return;
    if (pthread_create(&w->helpers[w->running - 1], NULL, work, w) == 0)
        w->running++;
    else
        w->threads = (uint64_t)w->running;
}

static void handle(struct worker *self, struct directory *d) {
    struct walk *w = self->walk;
    self->found = NULL;
    if (d->fd < 0)
        open_directory(w, d);
    if (d->fd >= 0)
        read_directory(self, d);

    pthread_mutex_lock(&w->lock);
    unsigned count = 0;
    while (self->found) {
        struct directory *child = self->found;
        self->found = child->next;
        child->parent->pending++; /* nearly always d */
        child->parent->unopened++;
        push_on(child->parent == d ? &w->stack : &w->later, w, child);
        count++;
    }
    bool done = --d->pending == 0;
    if (!done && !w->keep_open && d->parent && w->open_directories > OPEN_AT_MOST) {
        close(d->fd);
        d->fd = -1;
        w->open_directories--;
    }
    maybe_hire(w);
    if (count > 1)
        pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    if (done)
        finish(w, d);
}

/* Called with the lock held; gives it back. False when there is and will be nothing. */
static bool take_one(struct worker *self) {
    struct walk *w = self->walk;
    struct directory **stack = w->stack ? &w->stack : &w->later;
    if (*stack) {
        struct directory *d = *stack;
        *stack = d->next;
        w->waiting--;
        w->busy++;
        pthread_mutex_unlock(&w->lock);
        handle(self, d);
    } else if (w->next_tree < w->trees) {
        struct tree *tree = must_allocate(1, sizeof *tree);
        tree->index = w->next_tree++;
        w->busy++;
        maybe_hire(w);
        pthread_mutex_unlock(&w->lock);
        w->begin(w, tree);
    } else if (w->busy) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += 100000000;
        if (until.tv_nsec >= 1000000000) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000;
        }
        if (self->first && w->progress)
            pthread_cond_timedwait(&w->work, &w->lock, &until);
        else
            pthread_cond_wait(&w->work, &w->lock);
        pthread_mutex_unlock(&w->lock);
        maybe_progress(self);
        return true;
    } else {
        pthread_cond_broadcast(&w->work);
        pthread_mutex_unlock(&w->lock);
        return false;
    }
    pthread_mutex_lock(&w->lock);
    if (--w->busy == 0)
        pthread_cond_broadcast(&w->work);
    pthread_mutex_unlock(&w->lock);
    return true;
}

/* The buffer is left as it is: to clear it takes longer than to read a small tree. */
static void work_as(struct walk *w, bool first) {
    struct worker *self = must_have(malloc(sizeof *self), "allocate", "memory");
    self->walk = w;
    self->first = first;
    self->found = NULL;
    do
        pthread_mutex_lock(&w->lock);
    while (take_one(self));
    free(self);
}

static void *work(void *argument) {
    work_as(argument, false);
    return NULL;
}

void walk_run(struct walk *w) {
    size_t most = sizeof w->helpers / sizeof *w->helpers;
    if (w->threads > most)
        w->threads = most;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    w->running = 1;
    w->last_progress = now_ms();

    allow_descriptors(1024);
    work_as(w, true);
    for (int i = 0; i < w->running - 1; i++)
        pthread_join(w->helpers[i], NULL);
}
