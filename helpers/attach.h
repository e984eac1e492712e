/* File systems to be attached inside an image. */
#pragma once

#include <stdbool.h>

/* A new one, detached; `options` are pairs of words that end with NULL. -1 and errno if the
 * kernel refuses. `attributes` as of fsmount(2). */
int new_file_system(const char *type, const char *const *options, unsigned attributes);

/* A tree of the host's with all that is mounted in it, detached; what is mounted there later
 * does not appear in it. -1 and errno if it cannot be had. */
int tree_of_host(const char *path, bool read_only);

/* Attaches what is detached at `spot`, and closes that; or fails, saying where. */
void attach(int mount, int spot, const char *where);
