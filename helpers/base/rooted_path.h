/* Places inside an image, and what is attached there. The image may be a stranger's: no path
 * here leaves its root directory. */
#pragma once

#include <stdbool.h>

/* The regular file at this path, not larger than a megabyte, to be read; or -1. */
int inside_read(int root, const char *path);

/* What is at this path, links followed as the image means them; where nothing is, a directory
 * or an empty file is made, and the directories above it. Or -1 and errno. */
int inside_reach(int root, const char *path, bool directory);

/* A directory or a file of this name in `dir`, in place of whatever else the image has there. */
int inside_claim(int dir, const char *name, bool directory);

/* A new file system, detached; `options` are pairs of words that end with NULL. -1 and errno if the
 * kernel refuses. `attributes` as of fsmount(2). */
int new_file_system(const char *type, const char *const *options, unsigned attributes);

/* A tree of the host's with all that is mounted in it, detached; what is mounted there later
 * does not appear in it. -1 and errno if it cannot be had. */
int tree_of_host(const char *path, bool read_only);

/* The same, only to be read. Devices in it are none: to write to one needs no more than to open
 * it. */
int tree_to_read(const char *path);

/* Attaches what is detached at `spot` in the image, and closes that; or fails, saying where. */
void attach(int mount, int spot, const char *where);
