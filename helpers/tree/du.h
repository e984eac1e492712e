/* What directories take on the disk, to the byte as du counts it. */
#pragma once

#include <sys/stat.h>

#include "tree/walk.h"

/* What `more` of such a walk begins with. */
struct measured {
    char **paths;                  /* of the trees */
    _Atomic uint64_t files, bytes; /* so far, for progress */
};

/* Before the first and after the last of a tree, which is then gone. */
void du_begin(struct tree *tree);
void du_end(struct tree *tree);
/* A file or directory once, whatever names it has. */
void du_count(struct walk *w, struct tree *tree, const struct stat *st);
