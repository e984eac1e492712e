#include "squashfs/metadata.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/little_endian.h"

bool squashfs_bytes(const struct squashfs *s, uint64_t at, void *to, size_t count) {
    if (at > s->size || count > s->size - at)
        return false;
    for (size_t done = 0; done < count;) {
        ssize_t n = pread(s->fd, (char *)to + done, count - done, (off_t)(s->begin + at + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* Blocks that were decoded. They stay until the end, so that no thread waits for another: the
 * tables of a million files take some 64 MiB. What is beyond that has a few places only. */
enum { PLACES = 8192, PROBES = 16, SPARE = 32, HEADER = 2, PLAIN = 0x8000 };

struct decoded {
    uint64_t at, next; /* where it lies, and the following one */
    uint32_t size;
    uint8_t data[];
};

struct metadata_cache {
    _Atomic(struct decoded *) place[PLACES];
    pthread_mutex_t lock;
    struct decoded *spare[SPARE];
};

struct metadata_cache *metadata_cache(void) {
    struct metadata_cache *c = calloc(1, sizeof *c);
    if (c)
        pthread_mutex_init(&c->lock, NULL);
    return c;
}

void metadata_free(struct metadata_cache *c) {
    for (size_t i = 0; c && i < PLACES; i++)
        free(c->place[i]);
    for (size_t i = 0; c && i < SPARE; i++)
        free(c->spare[i]);
    free(c);
}

static size_t mixed(uint64_t at) {
    return (size_t)(at * 0x9e3779b97f4a7c15ULL >> 40);
}

/* One that stays. NULL: it is not there; then `new`, if not NULL, takes its place if there is one.
 */
static const struct decoded *staying(struct metadata_cache *c, uint64_t at, struct decoded *new) {
    for (size_t i = 0; i < PROBES; i++) {
        _Atomic(struct decoded *) *place = &c->place[(mixed(at) + i) % PLACES];
        struct decoded *there = atomic_load_explicit(place, memory_order_acquire);
        if (!there && !new)
            return NULL;
        if (!there && atomic_compare_exchange_strong(place, &there, new))
            return new;
        if (there->at == at)
            return there;
    }
    return NULL;
}

/* What a cursor gets of a block. */
struct part {
    uint32_t offset;
    void *to;
    size_t count;
    uint64_t next; /* set */
};

static int copy(const struct decoded *d, struct part *p) {
    if (p->offset > d->size)
        return -EIO;
    if (p->count > d->size - p->offset)
        p->count = d->size - p->offset;
    memcpy(p->to, d->data + p->offset, p->count);
    p->next = d->next;
    return 0;
}

static int decode(struct squashfs *s, uint64_t at, struct decoded **made) {
    uint8_t raw[HEADER + METADATA_BLOCK], data[METADATA_BLOCK];
    size_t ahead = s->size - at < sizeof raw ? (size_t)(s->size - at) : sizeof raw;
    if (ahead < HEADER || !squashfs_bytes(s, at, raw, ahead))
        return -EIO;
    size_t length = little16(raw) & ~(unsigned)PLAIN;
    if (!length || length > ahead - HEADER)
        return -EIO;
    const uint8_t *from = data;
    ptrdiff_t size;
    if (little16(raw) & PLAIN) {
        from = raw + HEADER;
        size = (ptrdiff_t)length;
    } else {
        size = s->decode(raw + HEADER, length, data, sizeof data);
    }
    if (size <= 0)
        return -EIO;
    struct decoded *d = malloc(sizeof *d + (size_t)size);
    if (!d)
        return -ENOMEM;
    *d = (struct decoded){at, at + HEADER + length, (uint32_t)size};
    memcpy(d->data, from, (size_t)size);
    *made = d;
    return 0;
}

/* There is no place for it to stay in. */
static int read_spare(struct squashfs *s, uint64_t at, struct decoded *new, struct part *p) {
    struct metadata_cache *c = s->metadata;
    struct decoded **place = &c->spare[mixed(at) % SPARE];
    int error = -ENOENT;
    pthread_mutex_lock(&c->lock);
    if (new) {
        free(*place);
        *place = new;
    }
    if (*place && (*place)->at == at)
        error = copy(*place, p);
    pthread_mutex_unlock(&c->lock);
    return error;
}

static int read_part(struct squashfs *s, uint64_t at, struct part *p) {
    if (at >= s->size)
        return -EIO;
    const struct decoded *d = staying(s->metadata, at, NULL);
    if (d)
        return copy(d, p);
    int error = read_spare(s, at, NULL, p);
    if (error != -ENOENT)
        return error;
    struct decoded *new;
    error = decode(s, at, &new);
    if (error)
        return error;
    d = staying(s->metadata, at, new);
    if (!d)
        return read_spare(s, at, new, p);
    if (d != new) /* another thread was as fast */
        free(new);
    return copy(d, p);
}

int metadata_read(struct squashfs *s, struct squashfs_cursor *c, void *to, size_t count) {
    for (size_t done = 0; done < count;) {
        struct part p = {.offset = c->offset, .to = (char *)to + done, .count = count - done};
        int error = read_part(s, c->block, &p);
        if (error)
            return error;
        done += p.count;
        c->offset += (uint32_t)p.count;
        if (!p.count)
            *c = (struct squashfs_cursor){.block = p.next};
    }
    return 0;
}

int metadata_skip(struct squashfs *s, struct squashfs_cursor *c, size_t count) {
    uint8_t nothing[512];
    while (count) {
        size_t some = count < sizeof nothing ? count : sizeof nothing;
        int error = metadata_read(s, c, nothing, some);
        if (error)
            return error;
        count -= some;
    }
    return 0;
}
