/* The last step before the content of a layer becomes an image. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct disk_usage { /* as du counts it */
    uint64_t allocated, apparent, files;
};

/* Replace opaque directories by whiteouts for `parent`, and return the disk usage. `from_tar`: also
 * remove whiteouts in directories that the layers below do not have, where the kernel would show
 * them; it makes none there itself. Fails if something cannot be read. */
struct disk_usage settle(const struct store *s, const struct image *parent, int content,
                         bool from_tar);
