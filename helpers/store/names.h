/* The names of images: links in the store's map/. */
#pragma once

#include "store/store.h"

/* The image that has this name; false if there is no such name, or its image is gone. */
bool name_read(const struct store *s, const char *name, struct image *image);

/* Gives it to the image. With `take` it leaves the image that has it, else that is an error. */
void name_give(const struct store *s, const char *name, const char *word, bool take);

void name_forget(const struct store *s, const char *name);
