/* What is remembered from one command to the next: the last image of the session, and which image a
 * command made (the cache). Notes in the store's memory/. One that cannot be read or written counts
 * as missing. */
#pragma once

#include "store/store.h"

/* Read the image of a note; false if there is no note, or its image has been removed. */
bool memory_read(const struct store *s, const char *note, struct image *image);
void memory_write(const struct store *s, const char *note, const char *id);

/* The name of the note for this session's last image; and for the image made by the words with this
 * key (fingerprint.h). */
const char *memory_of_session(void);
char *memory_of_key(const char *key);

/* Return the session's last image, or fail. */
struct image memory_last(const struct store *s);
void memory_set_last(const struct store *s, const char *id);
