/* Names and attributes that mean something to fuse-overlayfs and nothing to the kernel. */
#pragma once

#include "image/image_mount.h"
#include "store/store.h"

/* Call `refuses`, with the reason and "", if a layer of the image holds one; `refuses` ends the
 * process. fuse-overlayfs takes a file .wh.NAME for the removal of NAME, and would show another
 * tree than the kernel does. */
void fuse_check_marks(const struct mounting *m, const struct store *s,
                      void (*refuses)(const struct mounting *, const char *, const char *));
