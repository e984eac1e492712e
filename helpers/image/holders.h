/* Who uses the images of a store: runs, mounts, locks. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct holder {
    int pid; /* 0: everybody */
    int dir; /* in /proc */
    const char *image;
    const char *how;   /* "mount", "run", "lock", "old": a run of the old program's */
    const char *work;  /* the name of the directory for its changes, or "" */
    const char *place; /* where it is mounted, or "" */
};

/* Call `found` for each user of one image, or of all (NULL). */
void holders_find(const struct store *store, const char *image,
                  void (*found)(void *of, const struct holder *h), void *of);

/* Do the same only for mounts that write changes to the store, which takes less time. */
void writers_find(const struct store *store, void (*found)(void *of, const struct holder *h),
                  void *of);

/* Whether the image is mounted, by one process or for all. This is the only sign of a run of the
 * old program. */
bool image_is_mounted(const struct store *store, const char *image);
