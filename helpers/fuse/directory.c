#include "fuse/directory.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Where listings stopped, so that they need not begin anew. The kernel counts in names: those of
 * `.` and `..` are the first two. */
enum { STOPS = 16, DOTS = 2 };

struct fuse_stops {
    pthread_mutex_t lock;
    struct stop {
        uint64_t node, place;
        struct squashfs_listing list;
    } stop[STOPS];
};

struct fuse_stops *fuse_stops(void) {
    struct fuse_stops *s = calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

void fuse_stops_free(struct fuse_stops *s) {
    free(s);
}

static struct stop *stop_of(struct fuse_stops *s, uint64_t node) {
    return &s->stop[(node * 0x9e3779b97f4a7c15ULL >> 32) % STOPS];
}

/* Go to `place`: on from where the listing stopped, or from the beginning. */
static int go_to(struct fuse_worker *w, uint64_t node, const struct squashfs_inode *dir,
                 uint64_t place, struct squashfs_listing *l) {
    int error = squashfs_list(w->serving->image, dir, l);
    uint64_t at = DOTS;
    if (error || place <= at)
        return error;
    struct stop *stop = stop_of(w->stops, node);
    pthread_mutex_lock(&w->stops->lock);
    if (stop->node == node && stop->place > at && stop->place <= place) {
        *l = stop->list;
        at = stop->place;
    }
    pthread_mutex_unlock(&w->stops->lock);
    for (int next = 1; at < place && next > 0; at++) {
        next = squashfs_next(w->serving->image, l);
        if (next < 0)
            return next;
    }
    return 0;
}

static void stopped(struct fuse_worker *w, uint64_t node, uint64_t place,
                    const struct squashfs_listing *l) {
    struct stop *stop = stop_of(w->stops, node);
    pthread_mutex_lock(&w->stops->lock);
    *stop = (struct stop){node, place, *l};
    pthread_mutex_unlock(&w->stops->lock);
}

struct filling {
    uint8_t *to;
    size_t used, room;
    bool plus;
};

static bool put(struct filling *f, const struct fuse_entry_out *entry, struct fuse_dirent *d,
                const char *name) {
    size_t head = f->plus ? FUSE_NAME_OFFSET_DIRENTPLUS : FUSE_NAME_OFFSET;
    d->namelen = (uint32_t)strlen(name);
    size_t whole = FUSE_DIRENT_ALIGN(head + d->namelen);
    if (whole > f->room - f->used)
        return false;
    uint8_t *to = f->to + f->used;
    memset(to, 0, whole);
    if (f->plus)
        memcpy(to, entry, sizeof *entry);
    memcpy(to + head - FUSE_NAME_OFFSET, d, FUSE_NAME_OFFSET);
    memcpy(to + head, name, d->namelen);
    f->used += whole;
    return true;
}

static bool put_dots(struct filling *f, const struct squashfs_inode *dir, uint64_t *place) {
    static const char *const names[DOTS] = {".", ".."};
    static const struct fuse_entry_out none; /* the kernel knows them */
    for (; *place < DOTS; ++*place) {
        uint32_t number = *place && dir->parent ? dir->parent : dir->number;
        struct fuse_dirent d = {.ino = number, .off = *place + 1, .type = S_IFDIR >> 12};
        if (!put(f, &none, &d, names[*place]))
            return false;
    }
    return true;
}

void fuse_read_directory(struct fuse_worker *w, const struct fuse_in_header *in,
                         const struct fuse_read_in *read, bool plus) {
    struct squashfs_inode dir;
    struct squashfs_listing l;
    uint64_t place = read->offset;
    size_t room = read->size < MOST_READ ? read->size : MOST_READ;
    struct filling f = {.to = w->reply, .room = room, .plus = plus};
    int error = fuse_inode(w, in->nodeid, &dir);
    if (!error)
        error = go_to(w, in->nodeid, &dir, place, &l);
    bool fits = !error && put_dots(&f, &dir, &place);
    while (fits) {
        struct squashfs_listing before = l;
        struct fuse_entry_out entry = {0};
        int next = squashfs_next(w->serving->image, &l);
        if (next > 0 && plus && fuse_entry(w, l.where, &entry))
            memset(&entry, 0, sizeof entry); /* asking for this one fails */
        struct fuse_dirent d = {.ino = l.number, .off = place + 1, .type = l.type >> 12};
        if (next < 0 && !f.used)
            error = next;
        fits = next > 0 && put(&f, &entry, &d, l.name);
        place += fits;
        if (!fits)
            l = before;
    }
    if (!error)
        stopped(w, in->nodeid, place, &l);
    fuse_reply(w, in, error, f.to, f.used);
}
