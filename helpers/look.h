/* Into an image, with the eyes of its root: engine:list and engine:read. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct look {
    bool layer;     /* the image's own layer, not all of them merged */
    bool recursive; /* all below, too */
    bool chosen;    /* but enter only the directories named on standard input */
    uint64_t offset, length;
    const char *path;
};

enum look_for { LOOK_LIST, LOOK_READ };

/* What the words on the command line mean, and `path` in the image, opened as a mere place:
 * whatever it is, nothing happens to it yet. Links in the image, absolute ones too, lead
 * nowhere but into the image. */
int look_at(struct look *l, int argc, char **argv, enum look_for what, const char *words);

void check_output(bool written);
