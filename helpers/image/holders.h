/* Who uses the images of a store. */
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

/* Calls `found` for each that is seen, of one image or (NULL) of all. */
void holders_find(const struct store *store, const char *image,
                  void (*found)(void *of, const struct holder *h), void *of);

/* Whether some process, or all, have it mounted. The old program's runs are seen by that alone. */
bool image_is_mounted(const struct store *store, const char *image);
