/* The names of images: links in the store's map/. */
#pragma once

#include "store/store.h"

/* Find the image that has this name; return false if there is no such name, or its image has been
 * removed. */
bool name_read(const struct store *s, const char *name, struct image *image);

/* Give the name to the image `word`. If another image has it, that is an error, unless `take` is
 * set. */
void name_give(const struct store *s, const char *name, const char *word, bool take);

/* Delete the name, if it exists; its image stays. */
void name_forget(const struct store *s, const char *name);
