/* The mount table of this process, /proc/self/mountinfo (proc(5)). */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct mounted {
    int id, parent;
    char *device, *root;                   /* "0:42"; what of the file system is there */
    char *place, *type, *source, *options; /* bytes as they are, not escaped */
};

/* One line of a mount table, which is changed and then belongs to what is found. */
bool mount_parse(char *line, struct mounted *m);

/* The image of the store whose overlay it is: by the source that this program gives (then
 * `work` is the changes' name), or by the first layer of a mount of the old program (NULL).
 * Cuts up the source. */
bool mount_of_store(struct mounted *m, const struct store *s, char *image, const char **work);

/* What is on top at this absolute path. */
bool mount_at(const char *place, struct mounted *found);

/* Where an image is mounted whose changes go to what the source of its mount calls `work`;
 * NULL: nowhere. */
const char *mount_that_writes(const char *work);

/* Made by this program, or by the old one over this store: that is known by its layers. */
bool mount_is_ours(const struct mounted *m, const char *store);
