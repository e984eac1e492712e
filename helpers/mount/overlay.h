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
    bool unsynced;       /* "volatile": never waits for the disk */
    const char *source;
    const char *what; /* for errors: "image 7" */
    int tier;         /* out: how it was told to the kernel */
};

struct overlay_trouble {
    const char *step;
    int error;
    char kernel[256]; /* the kernel's own words, if it had any */
};

/* The mount's descriptor, or -1 and why. */
int overlay_try(struct overlay *o, struct overlay_trouble *why);
int overlay_mount(struct overlay *o);
struct failure overlay_diagnosis(const struct overlay *o, const struct overlay_trouble *why);

/* Whether the file system of this directory can hold the changes of one. */
bool overlay_writes_to(int dir);

/* Whether overlay metadata lives in user.* attributes: always in a user namespace, where
 * trusted.* cannot be written, and also for root in a store that somebody made so. */
bool overlay_uses_userxattr(const struct store *s);
