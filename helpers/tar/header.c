#include "tar/header.h"

#include <stdio.h>
#include <string.h>

void header_number(unsigned char *field, size_t width, uint64_t value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%0*llo", (int)width - 1, (unsigned long long)value);
    memcpy(field, digits, width);
}

size_t header_number_or_record(unsigned char *field, size_t width, uint64_t value, const char *key,
                               char *record) {
    char digits[32];
    if (value >> 3 * (width - 1) == 0) {
        header_number(field, width, value);
        return 0;
    }
    header_number(field, width, 0);
    int n = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    return record_put(record, key, digits, (size_t)n);
}

void header_sum(struct header *h) {
    unsigned sum = 0;
    memset(h->checksum, ' ', sizeof h->checksum);
    for (size_t i = 0; i < BLOCK; i++)
        sum += ((unsigned char *)h)[i];
    char digits[16];
    snprintf(digits, sizeof digits, "%06o", sum);
    memcpy(h->checksum, digits, 7);
}

size_t record_put(char *to, const char *key, const void *value, size_t size) {
    size_t rest = strlen(key) + size + 3, length = rest + 1;
    for (size_t digits;
         (digits = (size_t)snprintf(NULL, 0, "%zu", length)), length != rest + digits;)
        length = rest + digits;
    int n = sprintf(to, "%zu %s=", length, key);
    memcpy(to + n, value, size);
    to[(size_t)n + size] = '\n';
    return length;
}
