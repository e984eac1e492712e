/* engine:usage --beside-layers: counts neither the content of images, nor operands inside ".", and
 * takes from the cache what it found the last time. */
#pragma once

#include <sys/stat.h>

#include "tree/walk.h"

bool beside_leaves_out(const struct walk *w, const struct directory *d, const char *name);
void beside_directory(struct walk *w, struct worker *self, struct directory *d, const char *name);
void beside_file(struct directory *d, const char *name, const struct stat *st);
void beside_opened(struct directory *d, const struct stat *st);
