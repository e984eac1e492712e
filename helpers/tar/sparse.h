/* Where the content of a file with holes belongs, in each of GNU tar's four forms. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tar/records.h"
#include "tar/stream.h"

struct piece {
    uint64_t offset, length;
};

struct sparse {
    bool is;       /* the member is such a file */
    bool in_front; /* format 1.0: the map is the beginning of the content */
    uint64_t size; /* with the holes; UINT64_MAX: not known yet */
    const char *name;
    struct piece *pieces;
    size_t count, room;
};

void sparse_reset(struct sparse *s);

/* The fields of an old header (type S), at most `most`. Returns whether there may be more. */
bool sparse_old(struct sparse *s, const unsigned char *fields, int most);

/* A record GNU.sparse.*. */
void sparse_record(struct sparse *s, const struct record *r);

/* Read the map of format 1.0. Returns how many bytes it took of the `stored` ones. */
uint64_t sparse_map(struct sparse *s, struct input *in, uint64_t stored);

/* Fail unless the pieces follow each other in the file, and have `stored` bytes in all. */
void sparse_check(const struct sparse *s, uint64_t stored, const char *name);
