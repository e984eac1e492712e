/* Packing an image as a tar. */
#pragma once

#include "store/store.h"

enum { PACK_UNWRITABLE = -1 };

/* Write all that the image's root sees to `output`, as a pax tar. Returns the status to exit with;
 * fails on an error, except that an error of `output`, if it is not standard output, returns
 * PACK_UNWRITABLE. All signals are blocked from then on. */
int pack_image(const struct store *s, const struct image *image, int output);
