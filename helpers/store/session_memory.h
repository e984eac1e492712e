/* What is remembered from one command to the next: the session's last image, and which image came
 * of which words. Notes in the store's memory/, which the old program ignores. One that cannot be
 * read or written is as good as none. */
#pragma once

#include "store/store.h"

/* The image that a note remembers, if it is still there. */
bool memory_read(const struct store *s, const char *note, struct image *image);
void memory_write(const struct store *s, const char *note, const char *id);

/* What the note is called that remembers this session's last image, or what came of the words that
 * have this key (fingerprint.h). */
const char *memory_of_session(void);
char *memory_of_key(const char *key);

/* The session's last image; an error if there is none. */
struct image memory_last(const struct store *s);
void memory_set_last(const struct store *s, const char *id);
