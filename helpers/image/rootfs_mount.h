/* Mounting a directory that holds a root file system, in place of an image. */
#pragma once

#include <stdint.h>

/* Mount the directory at this absolute path, detached, with attributes of fsmount(2). Changes are
 * kept in memory, at most so many bytes, which suffices for mount points; with 0 bytes the
 * directory itself is changed. */
int rootfs_mount(const char *path, uint64_t attributes, uint64_t in_memory);
