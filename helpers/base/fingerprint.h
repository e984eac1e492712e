/* Digests of words and files. */
#pragma once

#include <stdbool.h>

#include "base/sha256.h"

/* Of a list of words: any other list, or order, gives another. */
struct key {
    struct sha256 sum;
};
struct key key_begin(void);
void key_bytes(struct key *k, const void *bytes, size_t n);
void key_word(struct key *k, const char *word);
char *key_end(struct key *k); /* in hexadecimal */

/* Of what a file holds from `offset` on. False where it cannot be read (errno). */
bool file_digest(int fd, uint64_t offset, uint8_t digest[SHA256_SIZE]);

/* Of a file or directory with all in it. It changes with any name, type, permission bit, link
 * target or byte of content, also of the files that links lead to; not with times and owners.
 * Fails where something cannot be read. */
char *fingerprint(const char *path);
