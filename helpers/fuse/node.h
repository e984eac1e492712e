/* The nodes that the kernel knows, and replying to what it asks about them. */
#pragma once

#include <linux/fuse.h>

#include "fuse/serving.h"

enum {
    MOST_REQUEST = 64 * 1024,
    MOST_READ = 1 << 20,
    FOR_EVER = 1000000000, /* seconds: nothing ever changes */
};

/* What one thread works with. */
struct fuse_worker {
    const struct fuse_serving *serving;
    struct fuse_stops *stops; /* shared by all */
    uint8_t *request, *reply; /* MOST_REQUEST and MOST_READ bytes */
};

void fuse_reply(const struct fuse_worker *w, const struct fuse_in_header *in, int error,
                const void *data, size_t count);

int fuse_inode(const struct fuse_worker *w, uint64_t node, struct squashfs_inode *inode);
void fuse_attributes(const struct fuse_worker *w, const struct squashfs_inode *inode,
                     struct fuse_attr *attributes);
int fuse_entry(const struct fuse_worker *w, uint64_t where, struct fuse_entry_out *entry);
