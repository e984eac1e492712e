/* Mounting an image of the store. */
#pragma once

#include <stdbool.h>

#include "base/json.h"
#include "image/upperdir.h"
#include "mount/overlay.h"
#include "store/image_config.h"
#include "store/store.h"
#include "userns/userns.h"

/* A directory of empty mount points in the store; `make` makes it when it is first needed. */
struct mountpoints {
    const char *name;
    bool (*make)(int dir);
};

struct mounting {
    const char *store; /* its path: opened anew inside of the namespaces */
    struct image image;
    struct changes changes; /* where they go; without a path: nowhere, the mount is read-only */
    uint64_t in_memory;     /* they go to memory instead, of so many bytes */
    bool unsynced;
    bool setuid, devices; /* those in it are what they say: only where it is to be run */

    struct runconf *conf; /* out, unless NULL: what the image wishes */
    int depth, tier;      /* out */
};

/* The overlay, detached. `mountpoints`: the layer below all others, or NULL. */
int mount_image(struct mounting *m, const struct mountpoints *mountpoints);

/* {"ev":"ready"} to begin with, and why the map is not a better one. `m` may be NULL. */
void ready_open(struct json *j, const struct identity *me, const struct mounting *m);

/* plashui:IMAGE:STORE:WORK, by which a mount is known to others: STORE is the number of
 * the store. */
char *mount_source(const struct mounting *m, const struct store *s);
