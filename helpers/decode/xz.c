/* The .xz file format, as far as one block of squashfs has it: one stream with one block. */
#include <stdbool.h>

#include "base/little_endian.h"
#include "decode/bcj.h"
#include "decode/decode.h"
#include "decode/lzma.h"

struct header {
    const uint8_t *at, *end;
};

/* A number of seven bits a byte, the lowest first. */
static bool take_number(struct header *h, uint64_t *value) {
    *value = 0;
    for (unsigned shift = 0; shift < 63; shift += 7) {
        if (h->at == h->end)
            return false;
        uint8_t byte = *h->at++;
        *value |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/* The filters in front of LZMA2, which is the last: at most one here. */
static bool take_filters(struct header *h, unsigned count, uint64_t *first) {
    enum { LZMA2 = 0x21, START_OFFSET = 4 };
    *first = 0;
    for (unsigned i = 0; i < count; i++) {
        uint64_t id, size;
        if (!take_number(h, &id) || !take_number(h, &size) || size > (size_t)(h->end - h->at))
            return false;
        if (i + 1 == count)
            return id == LZMA2;
        if (i > 0 || id == LZMA2 || (size && (size != START_OFFSET || little32(h->at) != 0)))
            return false;
        *first = id;
        h->at += size;
    }
    return false;
}

ptrdiff_t decode_xz(const uint8_t *in, size_t n, uint8_t *out, size_t room) {
    enum { STREAM_HEADER = 12, CRC = 4, HAS_SIZE = 0x40, HAS_UNPACKED_SIZE = 0x80, FILTERS = 3 };
    static const uint8_t magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    if (n < STREAM_HEADER + 1 || memcmp(in, magic, sizeof magic) != 0)
        return -1;
    const uint8_t *block = in + STREAM_HEADER, *end = in + n;
    size_t size = (block[0] + (size_t)1) * 4;
    if (size <= CRC + 2 || size > (size_t)(end - block))
        return -1;
    struct header h = {block + 2, block + size - CRC};
    uint64_t filter, unused;
    if ((block[1] & HAS_SIZE && !take_number(&h, &unused)) ||
        (block[1] & HAS_UNPACKED_SIZE && !take_number(&h, &unused)) ||
        !take_filters(&h, (block[1] & FILTERS) + 1U, &filter))
        return -1;
    const uint8_t *data = block + size;
    ptrdiff_t made = decode_lzma2(&data, end, out, room);
    return made < 0 || !filter || bcj_undo(filter, out, (size_t)made) ? made : -1;
}
