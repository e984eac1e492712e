/* Directories: a name in one, a path in one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Whether `wanted` accepts one of the names in a directory (. and .. are not asked for); true also
 * if that cannot be told. `fd` is what opening the directory returned: it is closed, and -1 with
 * ENOENT in errno stands for an empty one. */
bool directory_has(int fd, bool (*wanted)(int dir, const char *name, const void *of),
                   const void *of);

/* For directory_has: accept every name. */
bool any_name(int dir, const char *name, const void *of);

struct names {
    char **all;
    size_t count;
};

/* The names in a directory that `wanted` accepts; or fail. `fd` is closed; -1 stands for an empty
 * one. */
struct names directory_names(int fd, bool (*wanted)(int dir, const char *name, const void *of),
                             const void *of);

/* Whether a path is the directory or in it, as far as the words say: both have no links and no
 * "..". */
bool path_is_in(const char *path, const char *directory);
