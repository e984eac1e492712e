#include "tree/du.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/fail.h"

/* Files with several names, of which du counts one. */
struct seen {
    uint64_t dev, ino;
};

struct measuring {
    pthread_mutex_t lock;
    struct seen *table; /* open addressing; ino 0 is a free place */
    size_t room, used;
};

static size_t place_of(const struct measuring *m, struct seen s) {
    size_t at = (size_t)(s.ino * 0x9e3779b97f4a7c15ULL >> 17) & (m->room - 1);
    while (m->table[at].ino && (m->table[at].ino != s.ino || m->table[at].dev != s.dev))
        at = (at + 1) & (m->room - 1);
    return at;
}

static bool seen_before(struct measuring *m, const struct stat *st) {
    struct seen s = {st->st_dev, st->st_ino};
    pthread_mutex_lock(&m->lock);
    if (m->used * 2 >= m->room) {
        struct measuring old = *m;
        m->room = m->room ? m->room * 2 : 1024;
        m->table = must_allocate(m->room, sizeof *m->table);
        for (size_t i = 0; i < old.room; i++)
            if (old.table[i].ino)
                m->table[place_of(m, old.table[i])] = old.table[i];
        free(old.table);
    }
    size_t at = place_of(m, s);
    bool before = m->table[at].ino != 0;
    if (!before) {
        m->table[at] = s;
        m->used++;
    }
    pthread_mutex_unlock(&m->lock);
    return before;
}

/* Up to what a signed number holds: sparse files together can be said to be bigger. */
static void add(_Atomic uint64_t *sum, uint64_t bytes) {
    uint64_t before = *sum, after;
    do {
        after = before + bytes;
        if (after < before || after > INT64_MAX)
            after = INT64_MAX;
    } while (!atomic_compare_exchange_weak(sum, &before, after));
}

void du_begin(struct tree *tree) {
    struct measuring *m = must_allocate(1, sizeof *m);
    pthread_mutex_init(&m->lock, NULL);
    tree->more = m;
}

void du_end(struct tree *tree) {
    struct measuring *m = tree->more;
    free(m->table);
    free(m);
    free(tree);
}

void du_count(struct walk *w, struct tree *tree, const struct stat *st) {
    struct measured *sum = w->more;
    bool dir = S_ISDIR(st->st_mode);
    atomic_fetch_add(dir ? &tree->dirs : &tree->files, 1);
    if (!dir && st->st_nlink > 1 && seen_before(tree->more, st))
        return;
    uint64_t bytes = (uint64_t)st->st_blocks * 512;
    add(&tree->allocated, bytes);
    add(&tree->apparent, (uint64_t)st->st_size);
    atomic_fetch_add(&sum->files, 1);
    add(&sum->bytes, bytes);
}
