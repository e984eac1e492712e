/* The last work on the content of a layer before it is called an image. */
#pragma once

#include "store/store.h"

struct disk_usage { /* as du counts it */
    uint64_t allocated, apparent, files;
};

/* Nothing in it is an opaque directory any more, as seen on `parent`; and what it takes on the
 * disk. Fails where something cannot be read. */
struct disk_usage settle(const struct store *s, const struct image *parent, int content);
