/* When an image was last used, for whoever wants to know what nobody needs any more. */
#pragma once

#include "store/store.h"

/* Notes that it is used now. Where that cannot be, as in a store that is only read, nothing is
 * noted and nothing said. */
void lastuse_note(const struct store *s, const struct image *image);
