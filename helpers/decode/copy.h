/* Copying what was decoded before: the step that LZ77 and all its children share. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Append `length` bytes to what ends at `to`, from `offset` bytes before it; they may overlap.
 * There is room up to `stop`, all of which may be written. */
static inline void copy_match(uint8_t *to, size_t offset, size_t length, const uint8_t *stop) {
    if (__builtin_expect(offset >= 16 && (size_t)(stop - to) >= length + 16, 1)) {
        const uint8_t *from = to - offset;
        for (size_t i = 0; i < length; i += 16)
            memcpy(to + i, from + i, 16);
        return;
    }
    /* What repeats every `offset` bytes also repeats every two times as many. */
    for (; length > offset; offset *= 2) {
        memcpy(to, to - offset, offset);
        to += offset;
        length -= offset;
    }
    memcpy(to, to - offset, length);
}
