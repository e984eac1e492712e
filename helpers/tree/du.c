#include "tree/du.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/fail.h"
#include "tree/inodes.h"

struct measuring {
    pthread_mutex_t lock;
    struct inodes seen; /* files with several names, of which du counts one */
};

static bool seen_before(struct measuring *m, const struct stat *st) {
    static char noted[1];
    pthread_mutex_lock(&m->lock);
    char **note = inode_note(&m->seen, st);
    bool before = *note;
    *note = noted;
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
    inodes_free(&m->seen);
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
