/* Inflate (RFC 1951) in the wrapper of zlib (RFC 1950). A symbol is one look-up for codes of up to
 * 10 bits, and a walk over the canonical counts for longer ones. */
#include <stdbool.h>

#include "base/little_endian.h"
#include "decode/copy.h"
#include "decode/decode.h"

enum { FAST = 10, MOST = 15, LITERALS = 286, DISTANCES = 30, END = 256 };

struct code {
    uint16_t fast[1 << FAST];              /* symbol << 4 | length; 0: longer, or none */
    uint16_t count[MOST + 1], symbol[288]; /* canonical */
};

/* Bits, the lowest first. Past the end of the input come zeros, which `beyond` counts. */
struct bits {
    const uint8_t *at, *end;
    uint64_t held;
    unsigned n;
    unsigned beyond; /* bytes */
};

static void fill(struct bits *b) {
    if (b->end - b->at >= 8) {
        b->held |= little64(b->at) << b->n;
        b->at += (63 - b->n) >> 3;
        b->n |= 56;
        return;
    }
    for (; b->n <= 56; b->n += 8) {
        if (b->at < b->end)
            b->held |= (uint64_t)*b->at++ << b->n;
        else
            b->beyond++;
    }
}

static unsigned take(struct bits *b, unsigned n) {
    unsigned value = (unsigned)(b->held & ((1ULL << n) - 1));
    b->held >>= n;
    b->n -= n;
    return value;
}

/* More was taken than there is. */
static bool is_over(const struct bits *b) {
    return b->beyond * 8 > b->n;
}

static unsigned reversed(unsigned value, unsigned n) {
    unsigned turned = 0;
    for (; n; n--, value >>= 1)
        turned = turned << 1 | (value & 1);
    return turned;
}

static bool build(struct code *c, const uint8_t *lengths, unsigned n) {
    uint16_t place[MOST + 1], first[MOST + 1];
    memset(c, 0, sizeof *c);
    for (unsigned i = 0; i < n; i++)
        c->count[lengths[i]]++;
    c->count[0] = 0;
    unsigned code = 0, total = 0;
    int left = 1;
    for (unsigned l = 1; l <= MOST; l++) {
        left = (left << 1) - c->count[l];
        if (left < 0)
            return false;
        code = (code + c->count[l - 1]) << 1;
        first[l] = (uint16_t)code;
        place[l] = (uint16_t)total;
        total += c->count[l];
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned l = lengths[i];
        if (!l)
            continue;
        c->symbol[place[l]++] = (uint16_t)i;
        if (l <= FAST)
            for (unsigned r = reversed(first[l], l); r < 1 << FAST; r += 1U << l)
                c->fast[r] = (uint16_t)(i << 4 | l);
        first[l]++;
    }
    return true;
}

/* The next symbol; the highest number if there is none of such a code. */
static unsigned symbol(struct bits *b, const struct code *c) {
    unsigned hit = c->fast[b->held & ((1 << FAST) - 1)];
    if (hit) {
        take(b, hit & 15);
        return hit >> 4;
    }
    int code = 0, first = 0, index = 0;
    uint64_t held = b->held;
    for (unsigned l = 1; l <= MOST; l++, held >>= 1) {
        code |= (int)(held & 1);
        int count = c->count[l];
        if (code - count < first) {
            take(b, l);
            return c->symbol[index + code - first];
        }
        index += count;
        first = (first + count) << 1;
        code <<= 1;
    }
    return ~0U;
}

static bool read_lengths(struct bits *b, const struct code *c, uint8_t *lengths, unsigned count) {
    for (unsigned i = 0; i < count;) {
        fill(b);
        unsigned s = symbol(b, c), repeat = 1;
        uint8_t value = (uint8_t)s;
        if (s > 18 || is_over(b) || (s == 16 && !i))
            return false;
        if (s >= 16) {
            value = s == 16 ? lengths[i - 1] : 0;
            repeat = s == 16 ? 3 + take(b, 2) : s == 17 ? 3 + take(b, 3) : 11 + take(b, 7);
        }
        if (repeat > count - i)
            return false;
        memset(lengths + i, value, repeat);
        i += repeat;
    }
    return true;
}

static bool read_codes(struct bits *b, struct code *literal, struct code *distance) {
    static const uint8_t order[19] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                      11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS + DISTANCES] = {0}, of_lengths[19] = {0};
    fill(b);
    unsigned literals = take(b, 5) + 257, distances = take(b, 5) + 1, codes = take(b, 4) + 4;
    for (unsigned i = 0; i < codes; i++) {
        fill(b);
        of_lengths[order[i]] = (uint8_t)take(b, 3);
    }
    return literals <= LITERALS && distances <= DISTANCES && build(literal, of_lengths, 19) &&
           read_lengths(b, literal, lengths, literals + distances) &&
           build(literal, lengths, literals) && build(distance, lengths + literals, distances);
}

static void fixed_codes(struct code *literal, struct code *distance) {
    uint8_t lengths[288];
    for (unsigned i = 0; i < sizeof lengths; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    build(literal, lengths, sizeof lengths);
    memset(lengths, 5, DISTANCES);
    build(distance, lengths, DISTANCES);
}

/* A block as it is: its bytes begin at a byte. Some of them may be held already. */
static uint8_t *stored(struct bits *b, uint8_t *to, const uint8_t *stop) {
    take(b, b->n & 7);
    fill(b);
    unsigned length = take(b, 16);
    if ((length ^ take(b, 16)) != 0xffff || is_over(b) || length > (size_t)(stop - to))
        return NULL;
    for (; length && b->n >= 8; length--)
        *to++ = (uint8_t)take(b, 8);
    if (is_over(b) || length > (size_t)(b->end - b->at))
        return NULL;
    /* fill() has read ahead of what it counts. */
    b->held &= (1ULL << b->n) - 1;
    memcpy(to, b->at, length);
    b->at += length;
    return to + length;
}

static const uint16_t length_base[29] = {3,  4,  5,  6,   7,   8,   9,   10,  11, 13,
                                         15, 17, 19, 23,  27,  31,  35,  43,  51, 59,
                                         67, 83, 99, 115, 131, 163, 195, 227, 258};
static const uint8_t length_more[29] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                        2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
static const uint16_t distance_base[DISTANCES] = {
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};

static uint8_t *compressed(struct bits *b, const struct code *literal, const struct code *distance,
                           const uint8_t *out, uint8_t *to, const uint8_t *stop) {
    for (;;) {
        fill(b);
        unsigned s = symbol(b, literal);
        if (s < END) {
            if (to == stop || is_over(b))
                return NULL;
            *to++ = (uint8_t)s;
            continue;
        }
        if (s == END)
            return is_over(b) ? NULL : to;
        s -= END + 1;
        if (s >= sizeof length_more)
            return NULL;
        size_t length = length_base[s] + take(b, length_more[s]);
        unsigned d = symbol(b, distance);
        if (d >= DISTANCES)
            return NULL;
        size_t offset = distance_base[d] + take(b, d < 4 ? 0 : (d >> 1) - 1);
        if (offset > (size_t)(to - out) || length > (size_t)(stop - to) || is_over(b))
            return NULL;
        copy_match(to, offset, length, stop);
        to += length;
    }
}

ptrdiff_t decode_zlib(const uint8_t *in, size_t n, uint8_t *out, size_t room) {
    struct code literal, distance;
    uint8_t *to = out, *stop = out + room;
    if (n < 6 || (in[0] & 15) != 8 || (in[0] << 8 | in[1]) % 31 || in[1] & 32)
        return -1;
    struct bits b = {.at = in + 2, .end = in + n};
    for (unsigned last = 0; to && !last;) {
        fill(&b);
        last = take(&b, 1);
        unsigned type = take(&b, 2);
        if (type == 0) {
            to = stored(&b, to, stop);
            continue;
        }
        if (type == 3 || (type == 2 && !read_codes(&b, &literal, &distance)))
            return -1;
        if (type == 1)
            fixed_codes(&literal, &distance);
        to = compressed(&b, &literal, &distance, out, to, stop);
    }
    return to ? to - out : -1;
}
