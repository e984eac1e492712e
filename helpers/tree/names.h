/* The names in a directory, in an order that is the same everywhere. */
#pragma once

#include <stddef.h>

struct names {
    char **list; /* each begins with its rank */
    size_t count;
    char *text;
    size_t used, room;
};

/* Add a name; those of a lower rank (a character) come first. */
void names_add(struct names *n, char rank, const char *name);

/* Put them into the order of their ranks and bytes; none is added after that. */
void names_sort(struct names *n);

void names_free(struct names *n);
