/* Copies of root file systems, unpacked once for later starts: see FORMAT.md. */
#pragma once

#include <stdbool.h>

#include "onefile/contents.h"
#include "userns/userns.h"

/* Whether there is a copy for one of the maps that the caller may have: then nothing else need be
 * prepared. */
bool cache_has(struct contents *c);

/* Read app.conf of such a copy: at most 1 MiB, and a NUL behind it. NULL: there is none. */
char *cache_conf(struct contents *c, size_t *length);

/* Open the rootfs of the copy for this map, as root of the namespaces: O_PATH. It stays locked
 * until this process and its children have ended. -1: there is none. */
int cache_open(struct contents *c, enum map map);

/* Note a start from the file itself; return whether there was one before. */
bool cache_note_start(struct contents *c);

/* A copy for one run, which may change it: an empty directory that is to be filled. While `lock` is
 * open in any process nobody takes it for a leftover. */
struct own_copy {
    int all, lock, rootfs;
    char *name;
};
struct own_copy cache_make_own(struct contents *c); /* or fail */
void cache_remove_own(const struct own_copy *o);

/* Make the copy, in the namespace and with the map of this process, which is another's child:
 * see filler.h. Returns NULL, or why that is not possible. `half` is called with what must be
 * removed if this process is ended in between. */
const char *cache_fill(struct contents *c, enum map map, bool waits);

/* Remove what a killed cache_fill has left. */
void cache_remove_half(struct contents *c, enum map map);
