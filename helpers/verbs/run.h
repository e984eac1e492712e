/* Running a command in an image to build another one. */
#pragma once

#include <stdbool.h>

#include "image/upperdir.h"
#include "store/store.h"

struct build_options {
    bool login;      /* run the command through the login shell, with its profile */
    bool share_home; /* as in a run: the files of the host can be changed */
    bool orphaned;   /* remove the changes if this process or its caller is killed */
};

/* Run `command` (empty: a login shell) in `parent`, which stays locked until this process ends; its
 * changes are in the directory of `changes` afterwards (changes_new, changes_take). Returns the
 * wait status of the command (see end_like), or -1 if it did not begin, with the reason reported.
 * All signals are blocked from then on. */
int run_build(const struct store *s, const struct image *parent, const struct changes *changes,
              char **command, const struct build_options *o);
