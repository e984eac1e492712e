/* The LZ4 block format, written fast: each match is the last place where the same four bytes were.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Encode a block of at most 1 MiB into at most `room` bytes; return how many, or 0 if there is not
 * room enough. The same input gives the same output. */
size_t encode_lz4(const uint8_t *in, size_t n, uint8_t *out, size_t room);
