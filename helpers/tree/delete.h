/* Deleting directory trees. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { REMOVE_THREADS = 4 };

struct removed {
    uint64_t files, dirs;
    uint64_t failed; /* not counting directories that stay for what is in them */
    char first[512]; /* the path of the first of those, and an errno */
    int error;
};

/* `names` in the directory `dir`: whole trees, links never followed, other mounts never
 * entered. */
struct removed remove_names(int dir, char **names, size_t count, uint64_t threads);

/* Ends with what is left of names in the directory of this path, and why. */
_Noreturn void removed_in_part(const char *directory, const struct removed *r);
