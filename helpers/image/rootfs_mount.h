/* Mounting a directory that holds a root file system, in place of an image. */
#pragma once

#include "image/image_mount.h"

/* Mount m->rootfs (an absolute path), detached. With m->in_memory what is changed is in memory,
 * where mount points are made; without, it is changed in the directory itself. */
int mount_rootfs(struct mounting *m);
