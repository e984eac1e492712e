/* The mount table of this process, /proc/self/mountinfo (proc(5)). */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct mounted {
    int id, parent;
    char *device, *root;                   /* "0:42"; the part of the file system that is mounted */
    char *place, *type, *source, *options; /* not escaped */
};

/* Parse one line of a mount table. The result points into `line`, which is changed. */
bool mount_parse(char *line, struct mounted *m);

/* Find the image that an overlay shows: from the source that this program sets (`work` is then the
 * name of the changes), or from the first layer of a mount of the old program (`work` is NULL).
 * Changes the source. */
bool mount_of_store(struct mounted *m, const struct store *s, char *image, const char **work);

/* Find the topmost mount at this absolute path. */
bool mount_at(const char *place, struct mounted *found);

/* Find where an image is mounted that writes its changes to `work` (as named in the source of its
 * mount); NULL: nowhere. */
const char *mount_that_writes(const char *work);

/* Whether this program made the mount; or the old one, over this store, as its layers show. */
bool mount_is_ours(const struct mounted *m, const char *store);
