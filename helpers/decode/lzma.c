#include "decode/lzma.h"

#include <stdbool.h>
#include <string.h>

#include "decode/copy.h"

/* The range decoder: each bit has a probability, which learns. */
struct range {
    uint32_t range, code;
    const uint8_t *at, *end;
    bool is_over; /* more was taken than there is */
};

enum { PROBABLE_BITS = 11, EVEN = 1 << (PROBABLE_BITS - 1), LEARNS = 5, RANGE_HEADER = 5 };

static inline void normalize(struct range *r) {
    if (r->range >= 1U << 24)
        return;
    r->range <<= 8;
    r->code <<= 8;
    if (r->at < r->end)
        r->code |= *r->at++;
    else
        r->is_over = true;
}

static inline unsigned take_bit(struct range *r, uint16_t *probability) {
    normalize(r);
    uint32_t bound = (r->range >> PROBABLE_BITS) * *probability;
    if (r->code < bound) {
        r->range = bound;
        *probability = (uint16_t)(*probability + (((1 << PROBABLE_BITS) - *probability) >> LEARNS));
        return 0;
    }
    r->range -= bound;
    r->code -= bound;
    *probability = (uint16_t)(*probability - (*probability >> LEARNS));
    return 1;
}

/* A number of so many bits, the highest first; each way has probabilities of its own. */
static unsigned take_tree(struct range *r, uint16_t *probabilities, unsigned bits) {
    unsigned node = 1;
    for (unsigned i = 0; i < bits; i++)
        node = node << 1 | take_bit(r, probabilities + node);
    return node - (1U << bits);
}

/* The same, the lowest first. */
static unsigned take_reversed(struct range *r, uint16_t *probabilities, unsigned bits) {
    unsigned node = 1, value = 0;
    for (unsigned i = 0; i < bits; i++) {
        unsigned bit = take_bit(r, probabilities + node);
        node = node << 1 | bit;
        value |= bit << i;
    }
    return value;
}

static uint32_t take_even_bits(struct range *r, unsigned bits) {
    uint32_t value = 0;
    for (; bits; bits--) {
        normalize(r);
        r->range >>= 1;
        unsigned bit = r->code >= r->range;
        r->code -= bit ? r->range : 0;
        value = value << 1 | bit;
    }
    return value;
}

enum {
    STATES = 12,
    LITERAL_STATES = 7, /* those below: the last one was a literal */
    POSITIONS = 16,
    LITERAL = 0x300,
    LITERALS = LITERAL << 4,
    SLOT_BITS = 6,
    LENGTHS = 4,   /* that slots depend on */
    MODELLED = 14, /* slots from here on have even bits in the middle */
    MODELS = 128 - MODELLED + 1,
    ALIGN_BITS = 4,
    SHORTEST = 2,
};

struct length_model {
    uint16_t choice[2], low[POSITIONS][1 << 3], middle[POSITIONS][1 << 3], high[1 << 8];
};

struct model {
    uint16_t is_match[STATES][POSITIONS], is_repeat[STATES], is_not_first[STATES],
        is_long[STATES][POSITIONS], is_not_second[STATES], is_fourth[STATES];
    uint16_t slot[LENGTHS][1 << SLOT_BITS], distance[MODELS], align[1 << ALIGN_BITS];
    struct length_model match, repeat;
    uint16_t literal[LITERALS];
};

struct lzma {
    struct range range;
    unsigned context_bits, position_mask, literal_mask;
    unsigned state;
    uint32_t distance[4]; /* the last ones, less one */
    const uint8_t *begin; /* of what matches may copy */
    uint8_t *to, *stop;
    struct model model;
};

static void reset_state(struct lzma *z) {
    uint16_t *probability = (uint16_t *)&z->model;
    for (size_t i = 0; i < sizeof z->model / sizeof *probability; i++)
        probability[i] = EVEN;
    z->state = 0;
    memset(z->distance, 0, sizeof z->distance);
}

static bool set_properties(struct lzma *z, unsigned byte) {
    enum { CONTEXTS = 9, LITERAL_POSITIONS = 5, MOST_BITS = 4 };
    unsigned context = byte % CONTEXTS, literal = byte / CONTEXTS % LITERAL_POSITIONS,
             position = byte / CONTEXTS / LITERAL_POSITIONS;
    if (position > MOST_BITS || context + literal > MOST_BITS)
        return false;
    z->context_bits = context;
    z->literal_mask = (1U << literal) - 1;
    z->position_mask = (1U << position) - 1;
    return true;
}

static void literal(struct lzma *z) {
    unsigned before = z->to > z->begin ? z->to[-1] : 0;
    size_t position = (size_t)(z->to - z->begin) & z->literal_mask;
    size_t which = (position << z->context_bits) + (before >> (8 - z->context_bits));
    uint16_t *model = z->model.literal + LITERAL * which;
    unsigned symbol = 1;
    if (z->state >= LITERAL_STATES) { /* the byte that the last match would have next */
        unsigned match = z->to[-(ptrdiff_t)z->distance[0] - 1], offset = 0x100;
        while (symbol < 0x100) {
            match <<= 1;
            unsigned match_bit = match & offset;
            unsigned bit = take_bit(&z->range, model + offset + match_bit + symbol);
            symbol = symbol << 1 | bit;
            offset &= bit ? match_bit : ~match_bit;
        }
    } else {
        while (symbol < 0x100)
            symbol = symbol << 1 | take_bit(&z->range, model + symbol);
    }
    *z->to++ = (uint8_t)symbol;
    z->state = z->state < 4 ? 0 : z->state < 10 ? z->state - 3 : z->state - 6;
}

static unsigned take_length(struct range *r, struct length_model *m, unsigned position) {
    if (!take_bit(r, &m->choice[0]))
        return SHORTEST + take_tree(r, m->low[position], 3);
    if (!take_bit(r, &m->choice[1]))
        return SHORTEST + 8 + take_tree(r, m->middle[position], 3);
    return SHORTEST + 16 + take_tree(r, m->high, 8);
}

static uint32_t take_distance(struct lzma *z, unsigned length) {
    unsigned which = length - SHORTEST < LENGTHS ? length - SHORTEST : LENGTHS - 1;
    unsigned slot = take_tree(&z->range, z->model.slot[which], SLOT_BITS);
    if (slot < 4)
        return slot;
    unsigned bits = (slot >> 1) - 1;
    uint32_t distance = (2 | (slot & 1)) << bits;
    if (slot < MODELLED)
        return distance + take_reversed(&z->range, z->model.distance + distance - slot, bits);
    distance += take_even_bits(&z->range, bits - ALIGN_BITS) << ALIGN_BITS;
    return distance + take_reversed(&z->range, z->model.align, ALIGN_BITS);
}

/* One of the last four distances becomes the first. */
static void move_to_front(uint32_t distance[4], unsigned which) {
    uint32_t chosen = distance[which];
    memmove(distance + 1, distance, which * sizeof *distance);
    distance[0] = chosen;
}

/* Returns the length of what is repeated. */
static unsigned repeat(struct lzma *z, unsigned position) {
    struct model *m = &z->model;
    struct range *r = &z->range;
    unsigned state = z->state;
    z->state = state < LITERAL_STATES ? 8 : 11;
    if (!take_bit(r, &m->is_not_first[state])) {
        if (!take_bit(r, &m->is_long[state][position])) {
            z->state = state < LITERAL_STATES ? 9 : 11;
            return 1;
        }
    } else if (!take_bit(r, &m->is_not_second[state])) {
        move_to_front(z->distance, 1);
    } else {
        move_to_front(z->distance, take_bit(r, &m->is_fourth[state]) ? 3 : 2);
    }
    return take_length(r, &m->repeat, position);
}

static unsigned match(struct lzma *z, unsigned position) {
    z->state = z->state < LITERAL_STATES ? 7 : 10;
    unsigned length = take_length(&z->range, &z->model.match, position);
    move_to_front(z->distance, 3);
    z->distance[0] = take_distance(z, length);
    return length;
}

/* Decode until `stop`. */
static bool decode_chunk(struct lzma *z) {
    while (z->to < z->stop) {
        unsigned position = (unsigned)(z->to - z->begin) & z->position_mask;
        if (!take_bit(&z->range, &z->model.is_match[z->state][position])) {
            if (z->state >= LITERAL_STATES && z->distance[0] >= (size_t)(z->to - z->begin))
                return false;
            literal(z);
            continue;
        }
        bool repeats = take_bit(&z->range, &z->model.is_repeat[z->state]);
        size_t length = repeats ? repeat(z, position) : match(z, position);
        if (z->distance[0] >= (size_t)(z->to - z->begin) || length > (size_t)(z->stop - z->to) ||
            z->range.is_over)
            return false;
        copy_match(z->to, (size_t)z->distance[0] + 1, length, z->stop);
        z->to += length;
    }
    normalize(&z->range);
    return !z->range.is_over && z->range.code == 0;
}

static size_t big16(const uint8_t *b) {
    return (size_t)b[0] << 8 | b[1];
}

enum reset { RESET_NOTHING, RESET_STATE, RESET_PROPERTIES, RESET_ALL };

/* What a stream has set so far. */
struct ready {
    bool dictionary, properties, state;
};

static bool compressed_chunk(struct lzma *z, struct ready *ready, const uint8_t **in,
                             const uint8_t *end, uint8_t *limit) {
    enum { HEADER = 5 };
    const uint8_t *b = *in;
    if (end - b < HEADER + 1)
        return false;
    enum reset reset = (enum reset)(b[0] >> 5 & 3);
    size_t size = ((size_t)(b[0] & 0x1f) << 16 | big16(b + 1)) + 1, packed = big16(b + 3) + 1;
    b += HEADER;
    if (reset == RESET_ALL) {
        z->begin = z->to;
        ready->dictionary = true;
    }
    if (reset >= RESET_PROPERTIES)
        ready->properties = set_properties(z, *b++);
    if (reset >= RESET_STATE) {
        reset_state(z);
        ready->state = true;
    }
    if (!ready->dictionary || !ready->properties || !ready->state || packed > (size_t)(end - b) ||
        packed < RANGE_HEADER || b[0] || size > (size_t)(limit - z->to))
        return false;
    z->range = (struct range){.range = ~0U,
                              .code = (uint32_t)(big16(b + 1) << 16 | big16(b + 3)),
                              .at = b + RANGE_HEADER,
                              .end = b + packed};
    z->stop = z->to + size;
    *in = b + packed;
    return decode_chunk(z);
}

static bool plain_chunk(struct lzma *z, struct ready *ready, const uint8_t **in, const uint8_t *end,
                        const uint8_t *limit) {
    enum { HEADER = 3, RESETS = 1 };
    const uint8_t *b = *in;
    if (end - b < HEADER)
        return false;
    size_t size = big16(b + 1) + 1;
    if (b[0] == RESETS) {
        z->begin = z->to;
        ready->dictionary = true;
    }
    b += HEADER;
    if (!ready->dictionary || size > (size_t)(end - b) || size > (size_t)(limit - z->to))
        return false;
    memcpy(z->to, b, size);
    z->to += size;
    *in = b + size;
    return true;
}

ptrdiff_t decode_lzma2(const uint8_t **in, const uint8_t *end, uint8_t *out, size_t room) {
    enum { END = 0, MOST_PLAIN = 2, COMPRESSED = 0x80 };
    static _Thread_local struct lzma z;
    struct ready ready = {0};
    z.begin = z.to = out;
    while (*in < end) {
        unsigned control = **in;
        if (control == END) {
            ++*in;
            return z.to - out;
        }
        if (control > MOST_PLAIN && control < COMPRESSED)
            return -1;
        bool done = control >= COMPRESSED ? compressed_chunk(&z, &ready, in, end, out + room)
                                          : plain_chunk(&z, &ready, in, end, out + room);
        if (!done)
            return -1;
    }
    return -1;
}
