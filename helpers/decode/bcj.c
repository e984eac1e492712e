#include "decode/bcj.h"

#include "base/little_endian.h"

static void put_little32(uint8_t *to, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}
static uint32_t big32(const uint8_t *b) {
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}
static void put_big32(uint8_t *to, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static bool is_sign(unsigned byte) {
    return byte == 0 || byte == 0xff;
}

/* The address behind a call at `at`, of which the bits in `mask` say which bytes before it may be
 * calls as well. */
static uint32_t relative(uint32_t absolute, uint32_t at, unsigned mask) {
    static const uint8_t bytes[8] = {0, 1, 2, 2, 3, 3, 3, 3};
    for (;;) {
        uint32_t to = absolute - (at + 5);
        unsigned bits = bytes[mask] * 8U;
        if (!mask || !is_sign(to >> (24 - bits) & 0xff))
            return to;
        absolute = to ^ ((1U << (32 - bits)) - 1);
    }
}

static void x86(uint8_t *data, size_t n) {
    static const bool is_allowed[8] = {true, true, true, false, true, false, false, false};
    static const uint8_t bytes[8] = {0, 1, 2, 2, 3, 3, 3, 3};
    size_t last = (size_t)-1;
    unsigned mask = 0;
    for (size_t i = 0; i + 4 < n; i++) {
        if ((data[i] & 0xfe) != 0xe8)
            continue;
        size_t distance = i - last;
        last = i;
        mask = distance > 3 ? 0 : (mask << (distance - 1)) & 7;
        if (mask && (!is_allowed[mask] || is_sign(data[i + 4 - bytes[mask]]))) {
            mask = mask << 1 | 1;
            continue;
        }
        if (!is_sign(data[i + 4])) {
            mask = mask << 1 | 1;
            continue;
        }
        uint32_t to = relative(little32(data + i + 1), (uint32_t)i, mask) & 0x01ffffff;
        to |= 0U - (to & 0x01000000);
        put_little32(data + i + 1, to);
        i += 4;
    }
}

static void powerpc(uint8_t *data, size_t n) {
    for (size_t i = 0; i + 4 <= n; i += 4) {
        uint32_t word = big32(data + i);
        if ((word & 0xfc000003) == 0x48000001)
            put_big32(data + i, 0x48000001 | ((word - (uint32_t)i) & 0x03fffffc));
    }
}

static void arm(uint8_t *data, size_t n) {
    for (size_t i = 0; i + 4 <= n; i += 4)
        if (data[i + 3] == 0xeb) {
            uint32_t address = (little32(data + i) & 0xffffff) << 2;
            address = (address - ((uint32_t)i + 8)) >> 2 & 0xffffff;
            put_little32(data + i, address | 0xeb000000);
        }
}

static void arm_thumb(uint8_t *data, size_t n) {
    for (size_t i = 0; i + 4 <= n; i += 2) {
        uint8_t *b = data + i;
        if ((b[1] & 0xf8) != 0xf0 || (b[3] & 0xf8) != 0xf8)
            continue;
        uint32_t address = (b[1] & 7U) << 19 | (uint32_t)b[0] << 11 | (b[3] & 7U) << 8 | b[2];
        address = ((address << 1) - ((uint32_t)i + 4)) >> 1;
        b[1] = (uint8_t)(0xf0 | (address >> 19 & 7));
        b[0] = (uint8_t)(address >> 11);
        b[3] = (uint8_t)(0xf8 | (address >> 8 & 7));
        b[2] = (uint8_t)address;
        i += 2;
    }
}

static void sparc(uint8_t *data, size_t n) {
    for (size_t i = 0; i + 4 <= n; i += 4) {
        uint32_t word = big32(data + i);
        if (word >> 22 != 0x100 && word >> 22 != 0x1ff)
            continue;
        word = ((word << 2) - (uint32_t)i) >> 2;
        word = (0x40000000 - (word & 0x400000)) | 0x40000000 | (word & 0x3fffff);
        put_big32(data + i, word);
    }
}

static void arm64(uint8_t *data, size_t n) {
    for (size_t i = 0; i + 4 <= n; i += 4) {
        uint32_t word = little32(data + i);
        if (word >> 26 == 0x25) { /* bl */
            put_little32(data + i, 0x94000000 | ((word - ((uint32_t)i >> 2)) & 0x03ffffff));
        } else if ((word & 0x9f000000) == 0x90000000) { /* adrp */
            uint32_t address = (word >> 29 & 3) | (word >> 3 & 0x001ffffc);
            if ((address + 0x00020000) & 0x001c0000)
                continue;
            address -= (uint32_t)i >> 12;
            word &= 0x9000001f;
            word |= (address & 3) << 29 | (address & 0x0003fffc) << 3;
            word |= (0U - (address & 0x00020000)) & 0x00e00000;
            put_little32(data + i, word);
        }
    }
}

bool bcj_undo(uint64_t filter, uint8_t *data, size_t n) {
    static void (*const filters[])(uint8_t * data, size_t n) = {
        [4] = x86, [5] = powerpc, [7] = arm, [8] = arm_thumb, [9] = sparc, [10] = arm64,
    };
    if (filter >= sizeof filters / sizeof *filters || !filters[filter])
        return false;
    filters[filter](data, n);
    return true;
}
