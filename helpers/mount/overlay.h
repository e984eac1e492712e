/* The overlay of an image's layers, as a detached mount. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/fail.h"
#include "store/store.h"

struct overlay {
    int lowers[MOST_LOWERS]; /* topmost first */
    int count;
    int upper, work; /* -1: read-only */
    bool userxattr;
    uint64_t attributes; /* K_ATTR_NOSUID and the like */
    bool unsynced;       /* mounted "volatile": does not wait for the disk */
    const char *source;
    const char *what; /* for errors: "image 7" */
    int tier;         /* out: the way in which it was mounted */
};

struct overlay_trouble {
    const char *step;
    int error;
    char kernel[256]; /* the kernel's message, if any */
};

/* Mount; return the descriptor, or -1 and the reason. */
int overlay_try(struct overlay *o, struct overlay_trouble *why);
int overlay_mount(struct overlay *o);
struct failure overlay_diagnosis(const struct overlay *o, const struct overlay_trouble *why);

/* Whether the file system of this directory can hold the changes of an overlay. */
bool overlay_writes_to(int dir);

/* Whether overlay metadata is in user.* attributes: always in a user namespace, where trusted.*
 * cannot be written; for root, in a store that a plain user made. */
bool overlay_uses_userxattr(const struct store *s);
