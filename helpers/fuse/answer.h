/* What the kernel asks, and what it gets. */
#pragma once

#include "fuse/node.h"

/* Answer the request in `w`, which has so many bytes. */
void fuse_answer(struct fuse_worker *w, size_t count);
