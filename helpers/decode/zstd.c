/* Zstandard without dictionaries: one frame, whose blocks are decoded into one buffer. */
#include <string.h>

#include "base/little_endian.h"
#include "decode/decode.h"
#include "decode/zstd_parts.h"

enum { MAGIC_SIZE = 4, CHECKSUM_SIZE = 4 };
static const uint32_t MAGIC = 0xfd2fb528;

/* How many bytes the header of the frame takes; 0 if there is none, or of another kind. */
static size_t read_header(const uint8_t *in, size_t n, bool *has_checksum) {
    enum { OF_DICTIONARY = 3, CHECKSUM = 4, RESERVED = 8, SINGLE_SEGMENT = 32 };
    if (n < MAGIC_SIZE + 1 || little32(in) != MAGIC)
        return 0;
    unsigned descriptor = in[MAGIC_SIZE];
    bool single = descriptor & SINGLE_SEGMENT;
    size_t window = single ? 0 : 1, content = (size_t)1 << (descriptor >> 6);
    if (content == 1 && !single)
        content = 0;
    size_t size = MAGIC_SIZE + 1 + window + content;
    *has_checksum = descriptor & CHECKSUM;
    return descriptor & (OF_DICTIONARY | RESERVED) || size > n ? 0 : size;
}

/* A block that is as it is, or one byte many times. */
static bool plain(const uint8_t *in, bool repeats, size_t size, struct zstd_output *out) {
    if (size > (size_t)(out->stop - out->to))
        return false;
    if (repeats)
        memset(out->to, *in, size);
    else
        memcpy(out->to, in, size);
    out->to += size;
    return true;
}

static bool compressed(struct zstd *z, const uint8_t *in, size_t n, struct zstd_output *out) {
    const uint8_t *literal;
    size_t count, used = zstd_literals(z, in, n, &literal, &count);
    struct zstd_output block = *out;
    if ((size_t)(block.stop - block.to) > ZSTD_BLOCK)
        block.stop = block.to + ZSTD_BLOCK;
    bool done = used && zstd_sequences(z, in + used, n - used, literal, count, &block);
    out->to = block.to;
    return done;
}

static void begin(struct zstd *z) {
    z->tree.is_there = false;
    memset(z->has, 0, sizeof z->has);
    z->recent[0] = 1;
    z->recent[1] = 4;
    z->recent[2] = 8;
}

ptrdiff_t decode_zstd(const uint8_t *in, size_t n, uint8_t *out, size_t room) {
    enum { HEADER = 3, REPEATED = 1, COMPRESSED = 2, RESERVED = 3 };
    static _Thread_local struct zstd z;
    struct zstd_output o = {.begin = out, .to = out, .stop = out + room};
    const uint8_t *end = in + n;
    bool has_checksum;
    size_t header = read_header(in, n, &has_checksum);
    if (!header)
        return -1;
    in += header;
    begin(&z);
    for (bool last = false; !last;) {
        if (end - in < HEADER)
            return -1;
        uint32_t head = in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16;
        in += HEADER;
        last = head & 1;
        unsigned type = head >> 1 & 3;
        size_t size = head >> 3, used = type == REPEATED ? 1 : size;
        if (type == RESERVED || used > (size_t)(end - in))
            return -1;
        bool done = type == COMPRESSED ? compressed(&z, in, size, &o)
                                       : plain(in, type == REPEATED, size, &o);
        if (!done)
            return -1;
        in += used;
    }
    return end - in == (has_checksum ? CHECKSUM_SIZE : 0) ? o.to - out : -1;
}
