/* Deleting directory trees. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { REMOVE_THREADS = 4 };

struct removed {
    uint64_t files, dirs;
    uint64_t bytes;  /* on the disk; of a file with several names, when its last one goes */
    uint64_t failed; /* without directories that remain because of their content */
    char first[512]; /* the path of the first of those; `error` is its errno */
    int error;
};

/* Delete the trees `names` in the directory `dir`. Links are not followed, and other mounts are not
 * entered. */
struct removed remove_names(int dir, char **names, size_t count, uint64_t threads);

/* Fail with what could not be removed in the directory of this path, and why. */
_Noreturn void removed_in_part(const char *directory, const struct removed *r);
