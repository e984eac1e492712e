/* What an app leaves in /out: it is collected when the app has ended. See FORMAT.md. */
#pragma once

#include "base/options.h"

struct output {
    const char *wanted; /* the path given */
    const char *id;     /* of the instance */
    int directory;      /* where it is collected, on the same file system as `wanted` */
    char *name;         /* of the temporary directory in it, which has out/ and tmp/ */
    char *path;         /* of that, absolute */
    int guard;          /* a pipe to the process that removes it when nobody else does */
};

/* Make the temporary directory, or fail with status 2; add its parts to what the app shares. It is
 * gone when all processes of the app have ended, however they did. */
struct output output_begin(const char *wanted, const char *id, struct list *shared);

/* Put what is in it to its place, and delete the rest. Returns false, and says why, if that fails:
 * then the temporary directory stays. Call it when nothing runs any more that could write. */
bool output_collect(const struct output *o);

/* Delete the temporary directory. */
void output_forget(const struct output *o);
