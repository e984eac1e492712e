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
    const char *rootfs; /* mount this directory, and no image: see rootfs_mount.h */
    const char *store;  /* its path: opened again inside the namespaces */
    struct image image;
    struct changes changes; /* where changes are written; without a path the mount is read-only */
    uint64_t in_memory;     /* keep the changes in memory: at most so many bytes; 0: do not */
    bool unsynced;
    bool setuid, devices; /* setuid files and devices work: only for runs */

    struct runconf *conf; /* out, unless NULL: how the image wants to be run */
    int depth, tier;      /* out */
};

/* Mount the overlay, detached. `mountpoints`: the layer below all others, or NULL. */
int mount_image(struct mounting *m, const struct mountpoints *mountpoints);

/* Begin the event {"ev":"ready"}, with the reason why the map is not a better one. `m` may be NULL.
 */
void ready_open(struct json *j, const struct identity *me, const struct mounting *m);

/* Make the source of a mount, plashui:IMAGE:STORE:WORK, by which other processes recognize it.
 * STORE is the number of the store. */
char *mount_source(const struct mounting *m, const struct store *s);
