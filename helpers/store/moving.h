/* The lock for changes to the tree of images: removing, restoring, naming, pinning. */
#pragma once

#include "store/store.h"

/* Take the lock; wait until nobody else has it. A directory and the links to it cannot change in
 * one step: without the lock, a removal that is still going could delete the link of an image that
 * has just been restored. Closing the descriptor, or the end of the process, releases it. */
int moving_begin(const struct store *s);
