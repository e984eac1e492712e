/* When an image was last used: by this, `shrink --unused` finds images that nobody needs. */
#pragma once

#include "store/store.h"

/* Record that the image is used now. If that fails, e.g. in a read-only store, nothing is recorded
 * or reported. */
void lastuse_note(const struct store *s, const struct image *image);
