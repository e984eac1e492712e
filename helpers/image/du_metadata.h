/* engine:usage --beside-layers — the contents of images, and operands in ".", are left out, and
 * what is known of images from the last time is not looked for again. */
#pragma once

#include <sys/stat.h>

#include "tree/walk.h"

bool beside_leaves_out(const struct walk *w, const struct directory *d, const char *name);
void beside_directory(struct walk *w, struct worker *self, struct directory *d, const char *name);
void beside_file(struct directory *d, const char *name, const struct stat *st);
void beside_opened(struct directory *d, const struct stat *st);
