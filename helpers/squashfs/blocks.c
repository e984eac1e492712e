#include "squashfs/blocks.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "squashfs/metadata.h"

/* The kernel keeps what is read of files, so that most blocks are asked for once. But one with
 * fragments is asked for many times, and one may be read in pieces. */
enum { CACHED = 8 << 20, FEWEST = 8, MOST = 64, AS_IT_IS = 1 << 24 };

struct cached {
    uint64_t at; /* 0: nothing, since there is the superblock */
    bool is_ready;
    unsigned readers;
    uint32_t size, used;
    uint8_t *data;
};

struct block_cache {
    pthread_mutex_t lock;
    pthread_cond_t ready;
    uint32_t clock, count, block_size;
    struct cached block[MOST];
};

struct block_cache *block_cache(uint32_t block_size) {
    struct block_cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->ready, NULL);
    c->block_size = block_size;
    c->count = CACHED / block_size;
    c->count = c->count < FEWEST ? FEWEST : c->count > MOST ? MOST : c->count;
    return c;
}

void block_cache_free(struct block_cache *c) {
    for (size_t i = 0; c && i < c->count; i++)
        free(c->block[i].data);
    free(c);
}

/* Decode a block to at most `room` bytes; returns how many, or a negative errno. */
static ptrdiff_t decode(struct squashfs *s, struct block b, uint8_t *to, size_t room) {
    uint32_t length = block_length(b);
    if (length > s->block_size)
        return -EIO;
    uint8_t *raw = malloc(length + 1U);
    if (s->before_decoding)
        s->before_decoding();
    if (!raw)
        return -ENOMEM;
    ptrdiff_t size = squashfs_bytes(s, b.at, raw, length) ? s->decode(raw, length, to, room) : -1;
    free(raw);
    return size < 0 ? -EIO : size;
}

/* Find the block, waiting if another thread decodes it; or find it a place, the one that was not
 * used for longest. NULL: every place is in use. All this is under the lock. */
static struct cached *place_for(struct block_cache *c, uint64_t at) {
    struct cached *oldest = NULL;
    for (size_t i = 0; i < c->count; i++) {
        struct cached *b = &c->block[i];
        if (b->at == at) {
            while (b->at == at && !b->is_ready)
                pthread_cond_wait(&c->ready, &c->lock);
            if (b->at == at)
                return b;
            return place_for(c, at); /* it could not be decoded */
        }
        if (!b->readers && (!oldest || b->used < oldest->used))
            oldest = b;
    }
    if (oldest)
        oldest->at = 0;
    return oldest;
}

static void decode_into(struct squashfs *s, struct block b, struct cached *place) {
    struct block_cache *c = s->blocks;
    place->at = b.at;
    place->is_ready = false;
    pthread_mutex_unlock(&c->lock);
    if (!place->data)
        place->data = malloc(c->block_size);
    ptrdiff_t size = place->data ? decode(s, b, place->data, c->block_size) : -ENOMEM;
    pthread_mutex_lock(&c->lock);
    place->is_ready = size >= 0;
    place->size = size >= 0 ? (uint32_t)size : 0;
    if (size < 0)
        place->at = 0;
    pthread_cond_broadcast(&c->ready);
}

static int copy(const uint8_t *data, size_t size, uint32_t offset, uint8_t *to, size_t count) {
    if (offset > size || count > size - offset)
        return -EIO;
    memcpy(to, data + offset, count);
    return 0;
}

static int read_uncached(struct squashfs *s, struct block b, uint32_t offset, uint8_t *to,
                         size_t count) {
    uint8_t *data = malloc(s->block_size);
    ptrdiff_t size = data ? decode(s, b, data, s->block_size) : -ENOMEM;
    int error = size < 0 ? (int)size : copy(data, (size_t)size, offset, to, count);
    free(data);
    return error;
}

static int read_as_it_is(struct squashfs *s, struct block b, uint32_t offset, uint8_t *to,
                         size_t count) {
    uint32_t length = block_length(b);
    if (offset > length || count > length - offset || b.at > s->size)
        return -EIO;
    return squashfs_bytes(s, b.at + offset, to, count) ? 0 : -EIO;
}

int block_read(struct squashfs *s, struct block b, uint32_t offset, uint8_t *to, size_t count) {
    struct block_cache *c = s->blocks;
    if (b.word & AS_IT_IS)
        return read_as_it_is(s, b, offset, to, count);
    if (!b.at)
        return -EIO;
    pthread_mutex_lock(&c->lock);
    struct cached *place = place_for(c, b.at);
    if (!place) {
        pthread_mutex_unlock(&c->lock);
        return read_uncached(s, b, offset, to, count);
    }
    place->readers++;
    if (place->at != b.at)
        decode_into(s, b, place);
    place->used = ++c->clock;
    bool is_ready = place->at == b.at;
    pthread_mutex_unlock(&c->lock);
    int error = is_ready ? copy(place->data, place->size, offset, to, count) : -EIO;
    pthread_mutex_lock(&c->lock);
    place->readers--;
    pthread_mutex_unlock(&c->lock);
    return error;
}

int block_read_whole(struct squashfs *s, struct block b, uint8_t *to, size_t size) {
    if (b.word & AS_IT_IS)
        return block_length(b) == size ? read_as_it_is(s, b, 0, to, size) : -EIO;
    ptrdiff_t got = decode(s, b, to, size);
    return got < 0 ? (int)got : (size_t)got == size ? 0 : -EIO;
}
