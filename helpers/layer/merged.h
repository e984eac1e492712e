/* The same directory in the layers of an image, as an overlay shows it: together. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct merged {
    int count; /* topmost first */
    int fds[MOST_LOWERS];
};

/* The root directories of an image's layers. */
struct merged *merged_layers(const struct store *s, const struct image *image);

/* The directory `name` in it; count is 0 where that is hidden, or not there. */
struct merged *merged_step(const struct merged *from, const char *name);

void merged_close(struct merged *m);

/* The name of the attribute that marks an opaque directory, which hides what is below it. */
const char *opaque_attribute(bool userxattr);

/* Whether the directory is marked; `userxattr`: by the attribute for user namespaces. */
bool opaque_marked(int directory, bool userxattr);
bool opaque_marked_somehow(int directory);

/* Whether there is a whiteout. */
bool is_whiteout(int at, const char *name);
