#include "encode/lz4.h"

#include <stdbool.h>
#include <string.h>

enum {
    LEAST_MATCH = 4,
    FARTHEST = 65535,
    LAST_LITERALS = 5, /* the format wants that many at the end, */
    LAST_MATCH = 12,   /* and no match that begins in so many last bytes */
    HASH_BITS = 14,
    PATIENCE = 6, /* the longer nothing is found, the larger the steps: after 1 << 6 tries 2 */
};

struct writing {
    uint8_t *out, *end;
};

static uint32_t four(const uint8_t *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

/* The same on every machine. */
static size_t hash(const uint8_t *at) {
    uint32_t value = at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
    return value * 2654435761U >> (32 - HASH_BITS);
}

/* What of a length is not in the token, which has room for 15. */
static void put_length(struct writing *w, size_t length) {
    if (length < 15)
        return;
    for (length -= 15; length >= 255; length -= 255)
        *w->out++ = 255;
    *w->out++ = (uint8_t)length;
}

static unsigned in_token(size_t length) {
    return length < 15 ? (unsigned)length : 15;
}

/* Literals, and a match after them unless `match` is 0. Returns false if there is not room enough.
 */
static bool put(struct writing *w, const uint8_t *literals, size_t count, size_t back,
                size_t match) {
    size_t more = match ? match - LEAST_MATCH : 0;
    if (1 + count / 255 + 1 + count + 2 + more / 255 + 1 > (size_t)(w->end - w->out))
        return false;
    *w->out++ = (uint8_t)(in_token(count) << 4 | in_token(more));
    put_length(w, count);
    memcpy(w->out, literals, count);
    w->out += count;
    if (match) {
        *w->out++ = (uint8_t)back;
        *w->out++ = (uint8_t)(back >> 8);
        put_length(w, more);
    }
    return true;
}

static size_t match_length(const uint8_t *one, const uint8_t *other, const uint8_t *end) {
    const uint8_t *from = one;
    while (one < end && *one == *other)
        one++, other++;
    return (size_t)(one - from);
}

size_t encode_lz4(const uint8_t *in, size_t n, uint8_t *out, size_t room) {
    uint32_t last[1 << HASH_BITS] = {0}; /* where something of this hash was */
    struct writing w = {out, out + room};
    const uint8_t *literals = in, *at = in + 1;
    const uint8_t *stop = n > LAST_MATCH ? in + n - LAST_MATCH : in;
    size_t tries = 0;
    while (at < stop) {
        size_t key = hash(at);
        const uint8_t *before = in + last[key];
        last[key] = (uint32_t)(at - in);
        if (at - before > FARTHEST || four(before) != four(at)) {
            at += 1 + (tries++ >> PATIENCE);
            continue;
        }
        while (at > literals && before > in && at[-1] == before[-1])
            at--, before--;
        size_t length = match_length(at, before, in + n - LAST_LITERALS);
        if (!put(&w, literals, (size_t)(at - literals), (size_t)(at - before), length))
            return 0;
        at += length;
        if (at < stop)
            last[hash(at - 2)] = (uint32_t)(at - 2 - in);
        literals = at;
        tries = 0;
    }
    return put(&w, literals, (size_t)(in + n - literals), 0, 0) ? (size_t)(w.out - out) : 0;
}
