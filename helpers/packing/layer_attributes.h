/* The extended attributes of a file of a layer: those that are the file's, and what the store's own
 * ones say. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "tar/records.h"

struct layer_attributes {
    struct record *list; /* sorted */
    size_t count, room;
    bool opaque;    /* a directory that hides what is below it */
    bool whiteout;  /* a file that stands for the removal of one below */
    bool has_owner; /* whoever has one id keeps the owner here: */
    unsigned uid, gid;
};

/* Read those of `name` in the working directory. What is there is valid until the next call. `path`
 * is for messages. */
void layer_attributes_read(struct layer_attributes *a, const char *name, const char *path);
