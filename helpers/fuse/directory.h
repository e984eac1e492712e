/* Listing directories for the kernel, which asks for one part after the other. */
#pragma once

#include "fuse/node.h"

struct fuse_stops *fuse_stops(void); /* NULL: there is not enough memory */
void fuse_stops_free(struct fuse_stops *s);

/* With `plus` the kernel also learns what each name is. */
void fuse_read_directory(struct fuse_worker *w, const struct fuse_in_header *in,
                         const struct fuse_read_in *read, bool plus);
