/* SHA-256 (FIPS 180-4). */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { SHA256_SIZE = 32 };

struct sha256 {
    uint32_t h[8];
    uint64_t bytes;
    uint8_t rest[64];
};

void sha256_begin(struct sha256 *s);
void sha256_more(struct sha256 *s, const void *data, size_t n);
void sha256_end(struct sha256 *s, uint8_t digest[SHA256_SIZE]);
