/* What engine:usage is asked for, and how it counts. */
#pragma once

#include <sys/stat.h>

#include "tree/walk.h"

struct asked {
    int store;
    char **paths;
    bool beside_layers;
    _Atomic uint64_t files, bytes; /* so far, for progress */
    _Atomic size_t unanswered;
    _Atomic bool failed;
};

/* Before the first and after the last of a tree, which is then gone. */
void usage_begin(struct tree *tree);
void usage_end(struct tree *tree);
/* A file or directory once, whatever names it has. */
void usage_count(struct walk *w, struct tree *tree, const struct stat *st);
