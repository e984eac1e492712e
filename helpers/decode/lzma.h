/* LZMA2, which .xz files have inside. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Decode a stream up to its end mark; `*in` then is behind it. Returns how many bytes it became, or
 * -1. */
ptrdiff_t decode_lzma2(const uint8_t **in, const uint8_t *end, uint8_t *out, size_t room);
