/* An app where no namespace can be made, as in most containers: a copy of its own for each run,
 * which root enters by chroot. It is not isolated from anything. */
#pragma once

#include <stdbool.h>

#include "onefile/contents.h"
#include "run/sandbox.h"

/* Whether the caller wants that. */
bool chroot_is_wanted(void);

/* Whether this process could do it. */
bool chroot_is_possible(void);

/* Run it, with the user, environment and working directory that `i` says; return the outcome, see
 * outcome_of. The copy is gone then. */
int chroot_run(struct contents *c, struct isolation *i, char **command);
