#include "decode/zstd_bits.h"
#include "decode/zstd_parts.h"

enum { MOST_WEIGHTS = 256 };

/* Weights, compressed: two states take turns, until the stream has nothing more. */
static unsigned read_compressed(uint8_t *weights, const uint8_t *in, size_t n) {
    struct fse t;
    struct back b;
    size_t table = fse_read(&t, in, n, 13, 6);
    if (!table || !back_open(&b, in + table, n - table))
        return 0;
    unsigned state[2];
    state[0] = (unsigned)back_take(&b, t.log);
    state[1] = (unsigned)back_take(&b, t.log);
    if (back_is_over(&b))
        return 0;
    for (unsigned count = 0, turn = 0; count < MOST_WEIGHTS - 2; turn ^= 1) {
        const struct cell *c = &t.cell[state[turn]];
        weights[count++] = c->symbol;
        back_fill(&b);
        state[turn] = c->next + (unsigned)back_take(&b, c->bits);
        if (back_is_over(&b)) {
            weights[count++] = t.cell[state[turn ^ 1]].symbol;
            return count;
        }
    }
    return 0;
}

/* The last weight is what is missing to a power of two. Returns how many bits the longest code has;
 * 0 if there is no such tree. */
static unsigned complete(uint8_t *weights, unsigned *count) {
    uint32_t total = 0;
    for (unsigned i = 0; i < *count; i++) {
        if (weights[i] > HUFFMAN_LOG + 1)
            return 0;
        total += weights[i] ? 1U << (weights[i] - 1) : 0;
    }
    if (!total)
        return 0;
    unsigned log = highest_bit(total) + 1;
    uint32_t rest = (1U << log) - total;
    if (log > HUFFMAN_LOG || (rest & (rest - 1)))
        return 0;
    weights[(*count)++] = (uint8_t)(highest_bit(rest) + 1);
    return log;
}

size_t huffman_read(struct huffman *t, const uint8_t *in, size_t n) {
    uint8_t weights[MOST_WEIGHTS] = {0};
    if (n < 1)
        return 0;
    unsigned count;
    size_t bytes;
    if (in[0] >= 128) { /* as they are, four bits each */
        count = in[0] - 127U;
        bytes = 1 + (count + 1) / 2;
        if (bytes > n)
            return 0;
        for (unsigned i = 0; i < count; i++)
            weights[i] = i & 1 ? in[1 + i / 2] & 15 : in[1 + i / 2] >> 4;
    } else {
        bytes = 1 + (size_t)in[0];
        count = bytes <= n ? read_compressed(weights, in + 1, bytes - 1) : 0;
    }
    unsigned log = complete(weights, &count);
    if (!log)
        return 0;
    uint32_t at = 0;
    for (unsigned w = 1; w <= log; w++)
        for (unsigned s = 0; s < count; s++)
            if (weights[s] == w)
                for (uint32_t k = 1U << (w - 1); k; k--)
                    t->leaf[at++] = (struct leaf){(uint8_t)s, (uint8_t)(log + 1 - w)};
    t->log = log;
    t->is_there = true;
    return bytes;
}

static inline uint8_t next(const struct huffman *t, struct back *b) {
    struct leaf l = t->leaf[back_look(b, t->log)];
    b->used += l.bits;
    return l.symbol;
}

bool huffman_decode(const struct huffman *t, const uint8_t *in, size_t n, uint8_t *out,
                    size_t size) {
    struct back b;
    if (!back_open(&b, in, n))
        return false;
    for (size_t i = 0; i < size; i++) {
        if (i % 4 == 0) /* 44 bits at most */
            back_fill(&b);
        out[i] = next(t, &b);
    }
    back_fill(&b);
    return back_is_done(&b);
}

/* Four streams at once keep the processor busier than one after the other. */
static bool decode_each(const struct huffman *t, struct back streams[4], uint8_t *out, size_t each,
                        size_t last) {
    struct back b0 = streams[0], b1 = streams[1], b2 = streams[2], b3 = streams[3];
    uint8_t *o0 = out, *o1 = out + each, *o2 = out + 2 * each, *o3 = out + 3 * each;
    size_t i = 0;
    for (; i + 4 <= last; i += 4) {
        back_fill(&b0);
        back_fill(&b1);
        back_fill(&b2);
        back_fill(&b3);
        for (size_t k = i; k < i + 4; k++) {
            o0[k] = next(t, &b0);
            o1[k] = next(t, &b1);
            o2[k] = next(t, &b2);
            o3[k] = next(t, &b3);
        }
    }
    for (; i < each; i++) {
        back_fill(&b0);
        back_fill(&b1);
        back_fill(&b2);
        o0[i] = next(t, &b0);
        o1[i] = next(t, &b1);
        o2[i] = next(t, &b2);
        if (i < last) {
            back_fill(&b3);
            o3[i] = next(t, &b3);
        }
    }
    back_fill(&b0);
    back_fill(&b1);
    back_fill(&b2);
    back_fill(&b3);
    return back_is_done(&b0) && back_is_done(&b1) && back_is_done(&b2) && back_is_done(&b3);
}

bool huffman_decode_four(const struct huffman *t, const uint8_t *in, size_t n, uint8_t *out,
                         size_t size) {
    enum { SIZES = 6 };
    struct back b[4];
    size_t each = (size + 3) / 4;
    if (n < SIZES || each * 3 > size)
        return false;
    size_t left = n - SIZES;
    const uint8_t *at = in + SIZES;
    for (unsigned i = 0; i < 4; i++) {
        size_t length = i < 3 ? little16(in + 2 * i) : left;
        if (length > left || !back_open(&b[i], at, length))
            return false;
        at += length;
        left -= length;
    }
    return decode_each(t, b, out, each, size - 3 * each);
}
