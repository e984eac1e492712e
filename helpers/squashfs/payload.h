/* One file that is a program (ELF) and has a squashfs behind it, as an AppImage has. A section of
 * the program has the digest of all that is behind it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { DIGEST_TEXT = 64 };

/* The section of the program: the stamp and a NUL, by which it can be found without reading
 * sections, and DIGEST_TEXT hexadecimal digits. Whoever makes the file fills them in. */
#define PAYLOAD_SECTION ".plash_app"
#define PAYLOAD_STAMP "plash-app-stamp"

struct payload {
    uint64_t begin;               /* behind the program */
    uint64_t digest_at;           /* where the digits are; 0: there is no such section */
    char digest[DIGEST_TEXT + 1]; /* "" if none is filled in */
};

/* Find where the program ends. Returns NULL, or why there is none. */
const char *payload_find(int fd, struct payload *p);

/* Digest what is behind the program. Returns false if it cannot be read (errno). */
bool payload_digest(int fd, const struct payload *p, char digest[DIGEST_TEXT + 1]);

/* Returns NULL if the payload is what it was when the file was made; else why not. */
const char *payload_verify(int fd, const struct payload *p);
