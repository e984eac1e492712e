/* The names of images: links in the store's map/. */
#pragma once

#include "store/store.h"

/* Find the image that has this name; return false if there is no such name, or its image has been
 * removed. */
bool name_read(const struct store *s, const char *name, struct image *image);

/* Whether it can be a name: the functions here end the program with an error if it cannot. */
bool name_can_be(const char *name);

/* Give the name to the image `word`. If another image has it, that is an error, unless `take` is
 * set. */
void name_give(const struct store *s, const char *name, const char *word, bool take);

/* Whether it is a name that the old program has set itself, to remember an image: `cache:17`. The
 * image may be in the trash, and come back. `_is_a_note` of plashui/store/store.py is the same. */
bool name_is_note(const char *name);

/* Delete the name, if it exists; its image stays. */
void name_forget(const struct store *s, const char *name);
