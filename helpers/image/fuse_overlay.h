/* A mount that everybody sees, for those whom the kernel does not let make one. */
#pragma once

#include "image/image_mount.h"

/* Refuses where something is missing for it. */
void fuse_check(const struct mounting *m);

/* fuse-overlayfs shows the image at `place`, holding its lock and that of the changes, until it
 * is unmounted. */
void fuse_mount(const struct mounting *m, const struct store *s, const char *place, int lock);

/* NULL when it is unmounted and fuse-overlayfs has ended, or what fusermount3 said. */
const char *fuse_unmount(const char *place);
