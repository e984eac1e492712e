/* What the targets of the decoders share. */
#pragma once

#include "decode/decode.h"

#include "fuzz.h"

/* The first two bytes say how much room there is. Input and output are as large as they are, so
 * that ASan sees every byte beyond. */
static inline int decode_any(decoder *decode, const uint8_t *data, size_t size) {
    if (size < 2)
        return 0;
    size_t room = (data[0] | (size_t)data[1] << 8) * 8, n = size - 2;
    uint8_t *in = malloc(n + !n), *out = malloc(room + !room);
    memcpy(in, data + 2, n);
    ptrdiff_t made = decode(in, n, out, room);
    never(made < -1 || made > (ptrdiff_t)room);
    uint8_t sum = 0;
    for (ptrdiff_t i = 0; i < made; i++)
        sum ^= out[i]; /* all of it is there */
    free(in);
    free(out);
    return sum > 255;
}
