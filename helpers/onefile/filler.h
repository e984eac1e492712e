/* Making the copy in the cache: a process of its own, so that nothing is left half made when we are
 * killed. */
#pragma once

#include <stdbool.h>

#include "onefile/contents.h"

struct filler {
    int lifeline, result;
};

/* Start it, outside of all namespaces. `beside`: while the app runs; quietly, and only if no other
 * process is at it. */
struct filler filler_start(struct contents *c, bool beside);

/* Show how far it is, and wait until it has ended. Returns false if it was killed; else `reason` is
 * why there is no copy, or NULL. */
bool filler_wait(const struct filler *f, const struct contents *c, const char *name,
                 const char **reason);

/* We end, and it may go on; if we end without that, it removes what it has made. */
void filler_let_go_on(const struct filler *f);
