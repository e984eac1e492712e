/* The blocks with the content of files, and with the ends of many files (fragments). */
#pragma once

#include "squashfs/squashfs.h"

struct block_cache *block_cache(uint32_t block_size); /* NULL: there is not enough memory */
void block_cache_free(struct block_cache *c);

/* A block: where it lies, and the word that says how long it is there and whether compressed. */
struct block {
    uint64_t at;
    uint32_t word;
};
static inline uint32_t block_length(struct block b) {
    return b.word & 0xffffff;
}

/* Read exactly `count` bytes of a block, from `offset` on. */
int block_read(struct squashfs *s, struct block b, uint32_t offset, uint8_t *to, size_t count);

/* Read a whole block, which is not kept, and has to have this size. */
int block_read_whole(struct squashfs *s, struct block b, uint8_t *to, size_t size);
