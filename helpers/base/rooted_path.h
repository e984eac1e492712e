/* Opening places inside an image, and attaching mounts there. The image may be hostile: no path is
 * resolved outside its root directory. */
#pragma once

#include <stdbool.h>

/* Open a regular file of at most 1 MiB for reading; or return -1. */
int inside_read(int root, const char *path);

/* Open what is at this path, with links resolved inside the image. If nothing is there, make a
 * directory or an empty file, and the directories above it. Returns -1 and errno on failure. */
int inside_reach(int root, const char *path, bool directory);

/* Open a directory, or anything else that a file can be mounted on, `name` in `dir`; what the image
 * has there of the other kind is replaced. Returns -1 and errno on failure, e.g. if that is a
 * directory with something in it. */
int inside_claim(int dir, const char *name, bool directory);

/* Make a new file system as a detached mount. `options` are pairs of words and end with NULL;
 * `attributes` are those of fsmount(2). Returns -1 and errno if the kernel refuses. */
int new_file_system(const char *type, const char *const *options, unsigned attributes);

/* Clone a tree of the host with its submounts, as a detached mount; later mounts do not appear in
 * it. Returns -1 and errno on failure. */
int tree_of_host(const char *path, bool read_only);

/* Clone a tree read-only and without devices: a device can be written to even on a read-only mount.
 */
int tree_to_read(const char *path);

/* Attach a detached mount at `spot` in the image, and close `spot`; or fail. `where` is for the
 * message. */
void attach(int mount, int spot, const char *where);
