/* The tables of a squashfs are in blocks of 8 KiB, each compressed by itself. */
#pragma once

#include "squashfs/squashfs.h"

enum { METADATA_BLOCK = 8192 };

/* Read exactly these bytes of the squashfs. Returns false if it does not have them. */
bool squashfs_bytes(const struct squashfs *s, uint64_t at, void *to, size_t count);

struct metadata_cache *metadata_cache(void); /* NULL: there is not enough memory */
void metadata_free(struct metadata_cache *c);

/* Read the next bytes, over any number of blocks, or skip them. */
int metadata_read(struct squashfs *s, struct squashfs_cursor *c, void *to, size_t count);
int metadata_skip(struct squashfs *s, struct squashfs_cursor *c, size_t count);
