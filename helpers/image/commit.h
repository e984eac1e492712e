/* Making an image of a directory. */
#pragma once

#include <stdbool.h>

#include "store/workdir.h"

/* How an image was made, for _meta/image.json. */
struct birth {
    const char *origin;
    char **command;   /* of a build: its words; or NULL */
    const char *more; /* further members, as JSON: `"config": {…}`; or NULL */
    bool from_tar;    /* it is a layer of an image, unpacked without those below it */
};

/* Make an image of the work directory's `data`, as a child of `parent`, which the caller has
 * locked. Returns its id. `unsynced`: the data may not be on the disk yet; it is when this returns.
 */
char *commit_workdir(const struct store *s, const struct image *parent, const struct workdir *w,
                     const struct birth *b, bool unsynced);

/* Make an image of the directory at this path by moving it. Returns NULL, and changes nothing, if
 * it is on another file system. */
char *commit_directory(const struct store *s, const struct image *parent, const char *directory,
                       const struct birth *b);

/* Finish the images of processes that were killed in commit_directory. */
void commit_finish(const struct store *s);
