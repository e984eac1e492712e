/* What lz4 encodes is decoded to the same, and takes no more room than it was given. */
#include "decode/decode.h"
#include "encode/lz4.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 4)
        return 0;
    /* What is drawn, again and again, is longer than the farthest match. */
    size_t n = (data[0] | (size_t)data[1] << 8) * 2 + 1, more = data[2] | (size_t)data[3] << 8;
    uint8_t *in = malloc(n), *out = malloc(n), *back = malloc(n);
    for (size_t i = 0; i < n; i++)
        in[i] = (uint8_t)(size > 4 ? data[4 + i % (size - 4)] + (more ? i / more : 0) : 0);
    size_t made = encode_lz4(in, n, out, n);
    never(made > n);
    never(made && (decode_lz4(out, made, back, n) != (ptrdiff_t)n || memcmp(in, back, n)));
    free(in);
    free(out);
    free(back);
    return 0;
}
