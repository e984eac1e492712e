#include "tree/du_cache.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"

static const char MAGIC[16] = "plash nodes 2\n";
static const int64_t SECOND = 1000000000;
enum { MOST = 1 << 28 }; /* bytes of the file: millions of images */

/* A cache that is damaged is as good as none. */
struct head {
    char magic[sizeof MAGIC];
    uint64_t sum; /* of what is behind it */
};

static struct node *kept; /* in the order of the parents, and of the ids */
static size_t kept_count;
static bool *seen; /* those of `kept` that are still so */
static int64_t start;

static struct link {
    struct link *next;
    struct node node;
} * found; /* new */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static uint64_t sum_of(const struct node *nodes, size_t count) {
    const unsigned char *at = (const unsigned char *)nodes, *end = at + count * sizeof *nodes;
    uint64_t sum = 0xcbf29ce484222325; /* FNV-1a */
    for (; at < end; at++)
        sum = (sum ^ *at) * 0x100000001b3;
    return sum;
}

void nodes_load(const char *path) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    start = now.tv_sec * SECOND + now.tv_nsec;

    struct head head;
    struct stat st;
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MOST &&
        read(fd, &head, sizeof head) == sizeof head && !memcmp(head.magic, MAGIC, sizeof MAGIC)) {
        size_t count = ((size_t)st.st_size - sizeof head) / sizeof *kept;
        kept = must_allocate(count + 1, sizeof *kept);
        seen = must_allocate(count + 1, sizeof *seen);
        if (read(fd, kept, count * sizeof *kept) == (ssize_t)(count * sizeof *kept) &&
            sum_of(kept, count) == head.sum)
            kept_count = count;
    }
    close(fd);
}

static int in_order(const void *one, const void *other) {
    const struct node *a = one, *b = other;
    if (a->parent != b->parent)
        return a->parent > b->parent ? 1 : -1;
    return (a->id > b->id) - (a->id < b->id);
}

/* The first of `kept` that is not before this one. */
static size_t place_of(struct node wanted) {
    size_t from = 0, to = kept_count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (in_order(kept + middle, &wanted) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* When it last changed; 0 if that is so short ago that a change since the loading might not
 * have given it another time. */
static int64_t change_of(const struct stat *st) {
    int64_t changed = st->st_ctim.tv_sec * SECOND + st->st_ctim.tv_nsec;
    return changed < start - SECOND ? changed : 0;
}

static bool unchanged(int dir, const char *path, int64_t changed, uint64_t inode) {
    struct stat st;
    return fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode) && changed &&
           changed == change_of(&st) && (!inode || inode == st.st_ino);
}

struct node *node_unchanged(int dir, const char *path, uint64_t parent, uint64_t id) {
    size_t at = place_of((struct node){.parent = parent, .id = id});
    if (at == kept_count || kept[at].parent != parent || kept[at].id != id)
        return NULL;
    char meta[4096];
    snprintf(meta, sizeof meta, "%s/_meta", path);
    seen[at] = unchanged(dir, path, kept[at].changed, kept[at].inode) &&
               (!kept[at].meta || unchanged(dir, meta, kept[at].meta_changed, 0));
    return seen[at] ? &kept[at] : NULL;
}

const struct node *nodes_within(const struct node *node) {
    size_t from = place_of((struct node){.parent = node->id});
    size_t to = place_of((struct node){.parent = node->id + 1});
    return to - from == node->images ? kept + from : NULL;
}

struct node *node_found(uint64_t parent, uint64_t id) {
    struct link *new = must_allocate(1, sizeof *new);
    new->node.parent = parent;
    new->node.id = id;
    pthread_mutex_lock(&lock);
    new->next = found;
    found = new;
    pthread_mutex_unlock(&lock);
    return &new->node;
}

void node_opened(struct node *node, const struct stat *st, bool meta) {
    *(meta ? &node->meta_changed : &node->changed) = change_of(st);
    if (!meta)
        node->inode = st->st_ino;
}

static bool worth_keeping(const struct node *node) {
    return !node->odd && node->changed && (!node->meta || node->meta_changed);
}

void nodes_save(const char *path) {
    size_t new = 0, count = 0;
    for (struct link *at = found; at; at = at->next)
        new += worth_keeping(&at->node);
    if (!new)
        return;
    struct node *all = must_allocate(kept_count + new, sizeof *all);
    for (size_t i = 0; i < kept_count; i++)
        if (seen[i])
            all[count++] = kept[i];
    for (struct link *at = found; at; at = at->next)
        if (worth_keeping(&at->node))
            all[count++] = at->node;
    qsort(all, count, sizeof *all, in_order);

    char *beside = must_print("%s.%d.new", path, (int)getpid());
    struct head head = {.sum = sum_of(all, count)};
    memcpy(head.magic, MAGIC, sizeof MAGIC);
    unlink(beside); /* of one that was killed */
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    if (!file)
        return;
    bool written =
        fwrite(&head, sizeof head, 1, file) == 1 && fwrite(all, sizeof *all, count, file) == count;
    if (fclose(file) != 0 || !written || rename(beside, path) < 0)
        unlink(beside);
}
