/* The mount table of this process, /proc/self/mountinfo (proc(5)). */
#pragma once

#include <stdbool.h>

struct mounted {
    int id, parent;
    char *place, *type, *source, *options; /* bytes as they are, not escaped */
};

/* What is on top at this absolute path. */
bool mount_at(const char *place, struct mounted *found);

/* Where an image is mounted whose changes go to what the source of its mount calls `work`;
 * NULL: nowhere. */
const char *mount_that_writes(const char *work);

/* Made by this program, or by the old one over this store: that is known by its layers. */
bool mount_is_ours(const struct mounted *m, const char *store);
