/* Folders as those of d-utils: a root file system in rootfs/, and config.json, which says how it
 * wants to be run. */
#pragma once

#include <stdbool.h>

#include "base/options.h"
#include "store/image_config.h"

struct folder {
    const char *path, *rootfs; /* absolute, links resolved */
    struct runconf conf;       /* its volumes are in the list */
    struct list volumes;       /* words as of -v */
    bool network, writable;
};

/* Read the folder, or fail. */
struct folder folder_at(const char *path);
