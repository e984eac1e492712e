/* A command in an image, whose changes become another one. */
#pragma once

#include <stdbool.h>

#include "image/upperdir.h"
#include "store/store.h"

struct build_options {
    bool login;      /* the command goes through the login shell, with its profile */
    bool share_home; /* it is as in a run: the files of the host can be changed */
    bool orphaned;   /* the changes are removed if we, or who started us, are killed */
};

/* Runs `command` (empty: a login shell) on `parent`, which is locked for as long as we live; what
 * it changes is in the directory of `changes` afterwards (changes_new, changes_take). Returns how
 * the command ended, as wait(2) has it (see end_like), or -1 if it did not begin and it has been
 * said why. With all signals blocked. */
int run_build(const struct store *s, const struct image *parent, const struct changes *changes,
              char **command, const struct build_options *o);
