/* Opaque directories, which hide the directories of the same path in the layers below: here their
 * marks are replaced by whiteouts.
 *
 * An attribute marks them. For a plain user this program and the old one read different attributes:
 * the old one mounts without userxattr, shows the hidden files, and copies the mark into its own
 * layers, where it hides files. Whiteouts mean the same to both. */
#pragma once

#include "store/store.h"

/* Replace the mark of the directory at `path` in a layer (`content`) by whiteouts for everything
 * that it hides in the layers of `parent`. */
void opaque_to_whiteouts(const struct store *s, const struct image *parent, int content,
                         const char *path);

/* Remove the whiteouts from the directory at `path` in a layer if no layer of `parent` has it. */
void remove_stray_whiteouts(const struct store *s, const struct image *parent, int content,
                            const char *path);
