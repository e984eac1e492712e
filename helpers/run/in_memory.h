/* Directories and files that are only in memory, as detached mounts, for as long as an image runs.
 * `where` is their place in the image, for messages. */
#pragma once

#include <sys/types.h>

/* Make an empty directory for everybody; or fail. `size` is NULL for the kernel's default. */
int memory_directory(const char *size, const char *where);

/* Make a file that can only be read, with what is in a descriptor and its mode; or fail. `root` is
 * the image, where nothing is attached at /proc yet. */
int memory_file(int content, uid_t uid, gid_t gid, int root, const char *where);
