/* Into an image, with the eyes of its root: engine:list and engine:read. */
#pragma once

#include "base/options.h"

struct look {
    bool layer;          /* the image's own layer, not all of them merged */
    const char *changes; /* or what a run changed, kept in this directory; the image may be gone */
    const char *path;
};

/* What the words on the command line mean, and `path` in the image, opened as a mere place:
 * whatever it is, nothing happens to it yet. Links in the image, absolute ones too, lead
 * nowhere but into the image. */
int look_at(struct look *l, int argc, char **argv, const struct option *known);
