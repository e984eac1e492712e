#include "decode/zstd_bits.h"
#include "decode/zstd_parts.h"

/* Each symbol gets as many states as it is frequent, spread over the table; one that comes less
 * than once gets one at the end. */
static bool spread(struct fse *t, const int16_t *counts, unsigned symbols) {
    unsigned size = 1U << t->log, high = size - 1, at = 0;
    unsigned step = (size >> 1) + (size >> 3) + 3;
    for (unsigned s = 0; s < symbols; s++)
        if (counts[s] < 0)
            t->cell[high--].symbol = (uint8_t)s;
    for (unsigned s = 0; s < symbols; s++)
        for (int i = 0; i < counts[s]; i++) {
            t->cell[at].symbol = (uint8_t)s;
            do
                at = (at + step) & (size - 1);
            while (at > high);
        }
    return at == 0;
}

bool fse_build(struct fse *t, const int16_t *counts, unsigned symbols, unsigned log) {
    uint16_t next[256];
    t->log = log;
    for (unsigned s = 0; s < symbols; s++)
        next[s] = (uint16_t)(counts[s] < 0 ? 1 : counts[s]);
    if (!spread(t, counts, symbols))
        return false;
    for (unsigned i = 0; i < 1U << log; i++) {
        struct cell *c = &t->cell[i];
        unsigned n = next[c->symbol]++;
        if (!n)
            return false;
        c->bits = (uint8_t)(log - highest_bit(n));
        c->next = (uint16_t)((n << c->bits) - (1U << log));
    }
    return true;
}

/* The counts are written with as few bits as what is left to be given out needs. */
struct counts {
    const uint8_t *in;
    size_t n;
    uint64_t at; /* in bits */
    int16_t list[256];
    unsigned symbols, most;
    int left;
};

/* Up to 57 bits, with zeros behind the end; false if there are none. */
static bool look(const struct counts *c, uint64_t *word) {
    uint8_t some[8] = {0};
    size_t at = (size_t)(c->at >> 3);
    if (at >= c->n)
        return false;
    size_t there = c->n - at;
    memcpy(some, c->in + at, there < sizeof some ? there : sizeof some);
    *word = little64(some) >> (c->at & 7);
    return true;
}

/* How many symbols with a count of 0 follow: three at a time, as long as it is three. */
static bool read_zeros(struct counts *c) {
    unsigned more;
    do {
        uint64_t word;
        if (!look(c, &word))
            return false;
        more = word & 3;
        c->at += 2;
        for (unsigned i = 0; i < more && c->symbols < c->most; i++)
            c->list[c->symbols++] = 0;
    } while (more == 3);
    return true;
}

static bool read_count(struct counts *c) {
    uint64_t word;
    if (!look(c, &word))
        return false;
    uint32_t most = (uint32_t)c->left + 1;
    unsigned bits = highest_bit(most) + 1;
    uint32_t value = (uint32_t)word & ((1U << bits) - 1);
    uint32_t lower = (1U << (bits - 1)) - 1, spare = (1U << bits) - 1 - most;
    if ((value & lower) < spare) {
        value &= lower;
        bits--;
    } else if (value > lower) {
        value -= spare;
    }
    c->at += bits;
    int count = (int)value - 1;
    c->list[c->symbols++] = (int16_t)count;
    c->left -= count < 0 ? 1 : count;
    return count != 0 || read_zeros(c);
}

size_t fse_read(struct fse *t, const uint8_t *in, size_t n, unsigned most_symbols,
                unsigned most_log) {
    if (n < 1)
        return 0;
    unsigned log = (in[0] & 15) + 5;
    if (log > most_log)
        return 0;
    struct counts c = {.in = in, .n = n, .at = 4, .most = most_symbols, .left = 1 << log};
    while (c.left > 0 && c.symbols < c.most)
        if (!read_count(&c))
            return 0;
    size_t bytes = (size_t)((c.at + 7) >> 3);
    return c.left == 0 && bytes <= n && fse_build(t, c.list, c.symbols, log) ? bytes : 0;
}
