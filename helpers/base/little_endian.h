/* Numbers in a file whose lowest byte comes first. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint16_t little16(const void *at) {
    const uint8_t *p = at;
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t little32(const void *at) {
    uint32_t value;
    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static inline uint64_t little64(const void *at) {
    uint64_t value;
    memcpy(&value, at, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}
