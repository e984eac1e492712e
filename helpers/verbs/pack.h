/* An image as a tar. */
#pragma once

#include "store/store.h"

enum { PACK_UNWRITABLE = -1 };

/* The pax tar of all that the image's root sees, written to `output`. Returns the status to exit
 * with, or ends with what is wrong; PACK_UNWRITABLE if that is with `output`, unless it is standard
 * output. All signals are blocked from then on. */
int pack_image(const struct store *s, const struct image *image, int output);
