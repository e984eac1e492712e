/* How engine:usage --beside-layers walks and counts (tree/walk.h): neither the content of images,
 * nor operands inside "."; what was found the last time is taken from the cache (tree/du_cache.h).
 */
#pragma once

#include <sys/stat.h>

#include "tree/walk.h"

bool beside_leaves_out(const struct walk *w, const struct directory *d, const char *name);
void beside_directory(struct walk *w, struct worker *self, struct directory *d, const char *name);
void beside_file(struct directory *d, const char *name, const struct stat *st);
void beside_opened(struct directory *d, const struct stat *st);
