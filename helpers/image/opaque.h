/* Opaque directories, which hide the directories of the same path in the layers below.
 *
 * In a layer they are marked by an attribute, and the two programs read different ones as a plain
 * user: the old one mounts without userxattr, shows what lies below, and copies the mark into its
 * own layers, where it hides files. Whiteouts mean the same to both. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

/* Whether the directory is marked; `userxattr`: in the way of a user namespace. */
bool opaque_marked(int directory, bool userxattr);

/* A whiteout for everything that the directory at `path` of the layer with this content hides of
 * the layers of `parent`, in place of its mark. */
void opaque_to_whiteouts(const struct store *s, const struct image *parent, int content,
                         const char *path);
