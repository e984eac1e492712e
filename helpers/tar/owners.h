/* The owners of files whose ids are not ours to give: an attribute has them, in the form that
 * podman and fuse-overlayfs use. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tar/stream.h"

extern const char OWNER_ATTRIBUTE[];

/* Write the value of the attribute, at most OWNER_SIZE bytes, and return its length. */
enum { OWNER_SIZE = 64 };
size_t owner_text(char *text, unsigned uid, unsigned gid, unsigned mode);

/* Read such a value, UID:GID:MODE; the mode is right in the file itself. Returns false if it is
 * none.
 */
bool owner_parse(const char *value, size_t size, unsigned *uid, unsigned *gid);

/* Copy a tar of GNU's (pax); what belongs to root in it, but has the attribute, gets the owners
 * that the attribute names, and loses it. */
void owners_give_back(struct input *in, struct output *out);
