/* The ids of images. The store's counter gives them out: its size in bytes is the last id. */
#pragma once

#include "store/store.h"

#define COUNTER "id_counter"

/* Make the counter if it is missing. */
void ids_make_counter(const struct store *s);

/* Take a new id, and make its link in the index, which points to a child of `parent`. Returns the
 * link's path in the store. As long as its target does not exist, there is no image with that id.
 */
char *ids_take(const struct store *s, const struct image *parent, unsigned long long *id);
