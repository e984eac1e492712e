/* Bits that zstd writes forwards and reads backwards: from the end of a stream to its beginning. */
#pragma once

#include <stdbool.h>

#include "base/little_endian.h"

static inline unsigned highest_bit(uint32_t value) {
    return 31 - (unsigned)__builtin_clz(value);
}

/* `used` of the 64 bits in `held` are taken. Before the beginning of the stream there are zeros;
 * `used` grows beyond 64 when they are taken. */
struct back {
    const uint8_t *start, *at;
    uint64_t held;
    unsigned used;
};

static inline bool back_open(struct back *b, const uint8_t *in, size_t n) {
    if (!n || !in[n - 1])
        return false;
    b->start = in;
    b->used = 8 - highest_bit(in[n - 1]); /* zeros, and the one that ends it */
    if (n >= 8) {
        b->at = in + n - 8;
        b->held = little64(b->at);
        return true;
    }
    b->at = in;
    b->held = 0;
    for (size_t i = 0; i < n; i++)
        b->held |= (uint64_t)in[i] << 8 * i;
    b->used += (unsigned)(8 - n) * 8;
    return true;
}

/* The next `n` bits, without taking them. After back_fill there are 57. */
static inline uint64_t back_look(const struct back *b, unsigned n) {
    return (b->held << (b->used & 63)) >> 1 >> (63 - n);
}

static inline uint64_t back_take(struct back *b, unsigned n) {
    uint64_t value = back_look(b, n);
    b->used += n;
    return value;
}

static inline void back_fill(struct back *b) {
    size_t bytes = b->used >> 3;
    if (__builtin_expect(b->at - b->start < 8, 0)) {
        if (bytes > (size_t)(b->at - b->start))
            bytes = (size_t)(b->at - b->start);
        if (!bytes)
            return;
    }
    b->at -= bytes;
    b->used -= (unsigned)bytes * 8;
    b->held = little64(b->at);
}

/* Everything was taken, and nothing that is not there. */
static inline bool back_is_done(const struct back *b) {
    return b->at == b->start && b->used == 64;
}
static inline bool back_is_over(const struct back *b) {
    return b->at == b->start && b->used > 64;
}
