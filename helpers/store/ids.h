/* The ids of images: given out by the store's counter, whose size is the last one. */
#pragma once

#include "store/store.h"

#define COUNTER "id_counter"

/* Makes the counter where it is missing. */
void ids_make_counter(const struct store *s);

/* A new id, whose link in the index leads to the children of `parent`. Returns the link's path from
 * the store: as long as it leads nowhere, there is no image of that id. */
char *ids_take(const struct store *s, const struct image *parent, unsigned long long *id);
