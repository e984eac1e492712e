/* Disk usage of directories, equal to that of du. */
#pragma once

#include <sys/stat.h>

#include "tree/walk.h"

/* The beginning of such a walk's `more`. */
struct measured {
    char **paths;                  /* of the trees */
    _Atomic uint64_t files, bytes; /* so far, for progress */
};

/* Call du_begin before the first entry of a tree; du_end after the last frees the tree. */
void du_begin(struct tree *tree);
void du_end(struct tree *tree);
/* Count a file or directory; one with several names is counted once. */
void du_count(struct walk *w, struct tree *tree, const struct stat *st);
