/* The list of directories that a layer implies: files are in them, but it does not have themselves.
 * Written as they are found, since there may be millions. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tar/stream.h"

struct implied_notes {
    struct output out;
    uint64_t written;
    struct unsaid {
        char *path;
        uint64_t until; /* it counts for what was written before */
    } * unsaid;
    size_t count, room;
};

void implied_open(struct implied_notes *n, int fd);

/* Note a path of so many bytes; "" is the root. */
void implied_add(struct implied_notes *n, const char *path, size_t length);

/* It came later, after all. */
void implied_remove(struct implied_notes *n, const char *path);

void implied_close(struct implied_notes *n);

/* Such a list that was written before. */
struct implied_list {
    char **paths; /* sorted; "." is the root */
    size_t count;
};

struct implied_list implied_read(int fd);
bool implied_has(const struct implied_list *list, const char *path);
