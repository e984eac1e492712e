/* The LZ4 block format: a token, literals, an offset and the length of a match; again. */
#include <stdbool.h>

#include "base/little_endian.h"
#include "decode/copy.h"
#include "decode/decode.h"

struct reading {
    const uint8_t *in, *end;
};

/* A length whose first four bits are in the token. Returns false at the end of the input. */
static bool take_length(struct reading *r, size_t first, size_t *length) {
    *length = first;
    if (first < 15)
        return true;
    uint8_t more;
    do {
        if (r->in == r->end)
            return false;
        more = *r->in++;
        *length += more;
    } while (more == 255);
    return true;
}

ptrdiff_t decode_lz4(const uint8_t *in, size_t n, uint8_t *out, size_t room) {
    struct reading r = {in, in + n};
    uint8_t *to = out, *stop = out + room;
    while (r.in < r.end) {
        unsigned token = *r.in++;
        size_t length;
        if (!take_length(&r, token >> 4, &length) || length > (size_t)(r.end - r.in) ||
            length > (size_t)(stop - to))
            return -1;
        if (length <= 16 && r.end - r.in >= 16 && stop - to >= 16)
            memcpy(to, r.in, 16); /* one move, mostly */
        else
            memcpy(to, r.in, length);
        to += length;
        r.in += length;
        if (r.in == r.end)
            return to - out; /* the last one has literals only */
        if (r.end - r.in < 2)
            return -1;
        size_t offset = little16(r.in);
        r.in += 2;
        if (!take_length(&r, token & 15, &length))
            return -1;
        length += 4;
        if (!offset || offset > (size_t)(to - out) || length > (size_t)(stop - to))
            return -1;
        copy_match(to, offset, length, stop);
        to += length;
    }
    return -1;
}
