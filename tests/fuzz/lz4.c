/* Blocks of a squashfs that lz4 has compressed: nothing is read or written outside. */
#include "decoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    return decode_any(decode_lz4, data, size);
}
