/* A directory becomes an image. */
#pragma once

#include "store/workdir.h"

/* How an image came to be, for its notes in _meta/image.json. */
struct birth {
    const char *origin;
    char **command;   /* of a build: its words; or NULL */
    const char *more; /* further members, as JSON: `"config": {…}`; or NULL */
};

/* The work directory's `data` becomes a child of `parent`, which the caller has locked. Its id.
 * `unsynced`: it may not be on the disk yet, and is before this returns. */
char *commit_workdir(const struct store *s, const struct image *parent, const struct workdir *w,
                     const struct birth *b, bool unsynced);

/* The directory at this path, moved. NULL, with nothing changed, if that takes more than a rename
 * since it is on another file system. */
char *commit_directory(const struct store *s, const struct image *parent, const char *directory,
                       const struct birth *b);
