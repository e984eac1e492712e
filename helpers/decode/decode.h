/* Decoders of what a squashfs can be compressed with, each written from its specification: RFC 1950
 * and 1951 (gzip), the LZ4 block format, RFC 8878 (zstd), the .xz file format and LZMA2.
 *
 * Each takes one whole block and makes one whole block; the output is the window. Nothing in the
 * input is believed. No checksum is compared, since squashfs has none either. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { MOST_BLOCK = 1 << 20 }; /* bytes of a block of squashfs */

/* Decode `n` bytes to at most `room`, and return how many they became, or -1. */
typedef ptrdiff_t decoder(const uint8_t *in, size_t n, uint8_t *out, size_t room);

decoder decode_zlib, decode_lz4, decode_zstd, decode_xz;
