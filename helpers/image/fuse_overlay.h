/* A mount that all programs see, for users whom the kernel does not let mount: by fuse-overlayfs.
 */
#pragma once

#include "image/image_mount.h"

/* Fail if something that it needs is missing. */
void fuse_check(const struct mounting *m);

/* Mount the image at `place`. fuse-overlayfs holds the locks of the image and of the changes until
 * it is unmounted. */
void fuse_overlay_mount(const struct mounting *m, const struct store *s, const char *place,
                        int lock);

/* Unmount, and wait until fuse-overlayfs has ended. Returns NULL, or what fusermount3 said. */
const char *fuse_unmount(const char *place);
