/* Names in the tar of a layer that mean something: .wh.NAME removes NAME of the layers below. */
#pragma once

#include "tar/member.h"

/* The last name of a path, and the length of what is before it. */
const char *last_name(const char *path);
size_t parent_length(const char *path);

/* Whether the name removes something; and whether it removes all that is in its directory. */
bool is_removal(const char *name);
bool is_removal_of_all(const char *name);

/* What it removes. */
const char *removed_name(const char *name);

/* Whether a path is below such a name. */
bool is_below_removal(const char *path);

/* Whether it is a note of AUFS's, which means nothing to others. */
bool is_aufs_note(const char *path);

/* Whether the content of a member of a layer is in the tree afterwards; else the recipe has it. */
bool layer_keeps_content(const struct member *m);
