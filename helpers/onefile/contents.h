/* This file: the program, and the squashfs behind it with app.conf and the rootfs. See FORMAT.md.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "squashfs/payload.h"
#include "squashfs/squashfs.h"
#include "squashfs/unpack.h"
#include "userns/userns.h"

enum { MOST_CONF = 1 << 20 };

struct contents {
    int fd;             /* of the program that runs */
    const char *path;   /* its path; "" if it has none any more */
    const char *beside; /* the directory that holds app.conf and rootfs/ where the file has no
                         * squashfs, as AppRun in an unpacked one; or NULL */
    struct payload payload;
    struct squashfs image;
    struct squashfs_unpacking *unpacking; /* in memory that children share */
};

/* Find it, or fail. */
struct contents contents_here(void);

/* Open the squashfs, or fail, unless it is open. What needs it does that itself; whoever starts
 * children does it before. */
void contents_open(struct contents *c);

/* Read app.conf: at most 1 MiB, and a NUL behind it; or fail. */
char *contents_conf(struct contents *c, size_t *length);

/* Where the inode of its rootfs is; or fail. */
uint64_t contents_rootfs(struct contents *c);

/* How much of the files has been unpacked, in percent, also by a child. */
unsigned contents_unpacked(const struct contents *c);

/* Unpack the rootfs into an empty directory, as root of a namespace with this map. `checks`: fail
 * if the digest of the squashfs is not that of the program. Returns NULL, or what went wrong. */
const char *contents_unpack(struct contents *c, int into, enum map map, bool checks);

/* Unpack what matches the pattern (NULL: all), of everything in the squashfs, as the caller; or
 * fail. */
void contents_extract(struct contents *c, int into, const char *pattern);
