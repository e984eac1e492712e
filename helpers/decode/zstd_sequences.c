#include <string.h>

#include "decode/copy.h"
#include "decode/zstd_bits.h"
#include "decode/zstd_parts.h"

/* What a code stands for: a number, and so many bits to be added to it. */
static const uint32_t length_base[36] = {
    0,  1,  2,  3,  4,  5,  6,  7,  8,   9,   10,  11,   12,   13,   14,   15,    16,    18,
    20, 22, 24, 28, 32, 40, 48, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
static const uint8_t length_more[36] = {0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0,  0,
                                        0, 0, 0, 0, 1, 1,  1,  1,  2,  2,  3,  3,
                                        4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
static const uint32_t match_base[53] = {
    3,  4,  5,  6,  7,  8,  9,  10,  11,  12,  13,   14,   15,   16,   17,    18,    19,   20,
    21, 22, 23, 24, 25, 26, 27, 28,  29,  30,  31,   32,   33,   34,   35,    37,    39,   41,
    43, 47, 51, 59, 67, 83, 99, 131, 259, 515, 1027, 2051, 4099, 8195, 16387, 32771, 65539};
static const uint8_t match_more[53] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  0,  0,  0, 0,
                                       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,  0,  0,  0,  1,  1,  1, 1,
                                       2, 2, 3, 3, 4, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

/* The tables that need not be written. */
static const int16_t usual_lengths[36] = {4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1,  2,  2,
                                          2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1};
static const int16_t usual_offsets[29] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 1,  1,  1,  1,  1, 1,
                                          1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1};
static const int16_t usual_matches[53] = {
    1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1, 1,
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1};

static const struct kind {
    const int16_t *usual;
    unsigned usual_symbols, usual_log, most_symbols, most_log;
} kinds[TABLES] = {
    [OF_LITERALS] = {usual_lengths, 36, 6, 36, 9},
    [OF_OFFSETS] = {usual_offsets, 29, 5, 32, 8},
    [OF_MATCHES] = {usual_matches, 53, 6, 53, 9},
};

/* Read one table, written in one of four ways. Returns false if it is wrong; `used` grows by what
 * it takes. */
static bool read_table(struct zstd *z, unsigned which, unsigned how, const uint8_t *in, size_t n,
                       size_t *used) {
    enum { USUAL, ONE_SYMBOL, WRITTEN };
    struct fse *t = &z->table[which];
    const struct kind *k = &kinds[which];
    size_t bytes = 0;
    switch (how) {
    case USUAL:
        z->has[which] = fse_build(t, k->usual, k->usual_symbols, k->usual_log);
        break;
    case ONE_SYMBOL:
        z->has[which] = n >= 1 && in[0] < k->most_symbols;
        t->log = 0;
        t->cell[0] = (struct cell){.symbol = z->has[which] ? in[0] : 0};
        bytes = 1;
        break;
    case WRITTEN:
        bytes = fse_read(t, in, n, k->most_symbols, k->most_log);
        z->has[which] = bytes > 0;
        break;
    default: /* that of the block before */
        break;
    }
    *used += bytes;
    return z->has[which];
}

/* How many sequences there are. Returns the bytes that the number takes, or 0. */
static size_t read_count(const uint8_t *in, size_t n, size_t *count) {
    if (n < 1)
        return 0;
    *count = in[0];
    if (in[0] < 128)
        return 1;
    if (in[0] < 255) {
        if (n < 2)
            return 0;
        *count = (size_t)(in[0] - 128) << 8 | in[1];
        return 2;
    }
    if (n < 3)
        return 0;
    *count = (size_t)little16(in + 1) + 0x7f00;
    return 3;
}

/* The offset that a value means: a new one, or one of the last three, which move up. */
static inline size_t find_offset(size_t recent[3], size_t value, bool no_literals) {
    if (value > 3) {
        recent[2] = recent[1];
        recent[1] = recent[0];
        return recent[0] = value - 3;
    }
    size_t which = value + no_literals;
    if (which == 1)
        return recent[0];
    size_t offset = which == 2 ? recent[1] : which == 3 ? recent[2] : recent[0] - 1;
    if (which != 2)
        recent[2] = recent[1];
    recent[1] = recent[0];
    return recent[0] = offset;
}

static bool carry_out(struct zstd *z, struct back *b, size_t count, const uint8_t **literal,
                      size_t *literals, struct zstd_output *out) {
    const struct fse *lengths = &z->table[OF_LITERALS], *offsets = &z->table[OF_OFFSETS],
                     *matches = &z->table[OF_MATCHES];
    unsigned l = (unsigned)back_take(b, lengths->log), o = (unsigned)back_take(b, offsets->log),
             m = (unsigned)back_take(b, matches->log);
    size_t recent[3] = {z->recent[0], z->recent[1], z->recent[2]};
    const uint8_t *from = *literal;
    size_t left = *literals;
    uint8_t *to = out->to;
    for (; count; count--) {
        struct cell lc = lengths->cell[l], oc = offsets->cell[o], mc = matches->cell[m];
        back_fill(b);
        size_t value = ((size_t)1 << oc.symbol) + (size_t)back_take(b, oc.symbol);
        back_fill(b);
        size_t match = match_base[mc.symbol] + (size_t)back_take(b, match_more[mc.symbol]);
        size_t length = length_base[lc.symbol] + (size_t)back_take(b, length_more[lc.symbol]);
        size_t offset = find_offset(recent, value, length == 0);
        if (count > 1) {
            back_fill(b);
            l = lc.next + (unsigned)back_take(b, lc.bits);
            m = mc.next + (unsigned)back_take(b, mc.bits);
            o = oc.next + (unsigned)back_take(b, oc.bits);
        }
        if (length > left || length + match > (size_t)(out->stop - to) || !offset ||
            offset > (size_t)(to - out->begin) + length)
            return false;
        if (length <= 16 && out->stop - to >= 16)
            memcpy(to, from, 16); /* there is room behind literals */
        else
            memcpy(to, from, length);
        from += length;
        left -= length;
        to += length;
        copy_match(to, offset, match, out->stop);
        to += match;
    }
    memcpy(z->recent, recent, sizeof recent);
    *literal = from;
    *literals = left;
    out->to = to;
    return !back_is_over(b);
}

bool zstd_sequences(struct zstd *z, const uint8_t *in, size_t n, const uint8_t *literal,
                    size_t literals, struct zstd_output *out) {
    enum { RESERVED = 3 };
    size_t count, used = read_count(in, n, &count);
    if (!used || (count == 0 && used != n))
        return false;
    if (count) {
        struct back b;
        if (used >= n || in[used] & RESERVED)
            return false;
        unsigned how = in[used++];
        for (unsigned t = 0; t < TABLES; t++)
            if (!read_table(z, t, how >> (6 - 2 * t) & 3, in + used, n - used, &used))
                return false;
        if (!back_open(&b, in + used, n - used) ||
            !carry_out(z, &b, count, &literal, &literals, out))
            return false;
    }
    if (literals > (size_t)(out->stop - out->to))
        return false;
    memcpy(out->to, literal, literals);
    out->to += literals;
    return true;
}
