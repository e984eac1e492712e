/* Taking images out of the tree, bringing them back, naming and pinning them. */
#pragma once

#include "store/store.h"

/* Waits until nobody else does one of these. A directory and the links to it cannot change in one
 * step: without this, an image brought back could lose the link it has just got to whoever had
 * taken it out. It ends when the descriptor is closed, or with the process. */
int moving_begin(const struct store *s);
