/* Digests (SHA-256) of words and files. */
#pragma once

#include <stdbool.h>

#include "base/sha256.h"

/* The digest of a list of words. Another list, or another order, has another digest. */
struct key {
    struct sha256 sum;
};
struct key key_begin(void);
void key_bytes(struct key *k, const void *bytes, size_t n);
void key_word(struct key *k, const char *word);
char *key_end(struct key *k); /* in hexadecimal */

/* Digest the content of a file from `offset` on. Returns false if it cannot be read (errno). */
bool file_digest(int fd, uint64_t offset, uint8_t digest[SHA256_SIZE]);

/* Digest a file, or a directory with everything in it. The digest changes with any name, type,
 * permission bit, link target or byte of content, also of files that links lead to; not with times
 * and owners. Fails if something cannot be read. */
char *fingerprint(const char *path);
