/* The last step before the content of a layer becomes an image. */
#pragma once

#include "store/store.h"

struct disk_usage { /* as du counts it */
    uint64_t allocated, apparent, files;
};

/* Replace opaque directories by whiteouts for `parent`, and return the disk usage. Fails if
 * something cannot be read. */
struct disk_usage settle(const struct store *s, const struct image *parent, int content);
