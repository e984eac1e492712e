/* Directories that a layer does not have itself, but files in them (implied_notes.h lists them).
 *
 * They were made as they came, and would hide what the layers below say of them: that /tmp is open
 * to all, say. */
#pragma once

#include "store/store.h"

/* Give each of the directories in `content` that the list names the mode, owner, attributes and
 * times that it has in the image `parent`; else it is root's. Closes `list`. */
void implied_settle(const struct store *s, const struct image *parent, int content, int list);
