#include <string.h>

#include "decode/zstd_parts.h"

enum kind { AS_THEY_ARE, REPEATED, COMPRESSED, COMPRESSED_WITHOUT_TREE };

struct literals {
    enum kind kind;
    bool is_one_stream;
    size_t header, size, compressed; /* bytes */
};

/* Returns false if the header is wrong, or the block ends too early. */
static bool read_header(struct literals *l, const uint8_t *in, size_t n) {
    if (n < 1)
        return false;
    unsigned format = in[0] >> 2 & 3;
    uint64_t head = 0;
    for (size_t i = 0; i < 5 && i < n; i++)
        head |= (uint64_t)in[i] << 8 * i;
    l->kind = (enum kind)(in[0] & 3);
    if (l->kind == AS_THEY_ARE || l->kind == REPEATED) {
        l->header = format == 1 ? 2 : format == 3 ? 3 : 1;
        unsigned skipped = l->header == 1 ? 3 : 4;
        l->size = (size_t)(head & ((1U << (l->header * 8)) - 1)) >> skipped;
        l->compressed = l->kind == REPEATED ? 1 : l->size;
    } else {
        unsigned bits = format < 2 ? 10 : format == 2 ? 14 : 18;
        l->header = format < 2 ? 3 : format == 2 ? 4 : 5;
        l->size = (size_t)(head >> 4 & ((1U << bits) - 1));
        l->compressed = (size_t)(head >> (4 + bits) & ((1U << bits) - 1));
        l->is_one_stream = format == 0;
    }
    return l->size <= ZSTD_BLOCK && l->header <= n && l->compressed <= n - l->header;
}

static bool decode(struct zstd *z, const struct literals *l, const uint8_t *in) {
    size_t left = l->compressed;
    if (l->kind == COMPRESSED) {
        size_t tree = huffman_read(&z->tree, in, left);
        if (!tree)
            return false;
        in += tree;
        left -= tree;
    } else if (!z->tree.is_there) {
        return false;
    }
    return l->is_one_stream ? huffman_decode(&z->tree, in, left, z->literals, l->size)
                            : huffman_decode_four(&z->tree, in, left, z->literals, l->size);
}

size_t zstd_literals(struct zstd *z, const uint8_t *in, size_t n, const uint8_t **literal,
                     size_t *count) {
    struct literals l = {0};
    if (!read_header(&l, in, n))
        return 0;
    size_t used = l.header + l.compressed;
    in += l.header;
    *literal = z->literals;
    *count = l.size;
    if (l.kind == REPEATED)
        memset(z->literals, *in, l.size);
    else if (l.kind == AS_THEY_ARE && n - used >= BEHIND)
        *literal = in; /* where they are */
    else if (l.kind == AS_THEY_ARE)
        memcpy(z->literals, in, l.size);
    else if (!decode(z, &l, in))
        return 0;
    return used;
}
