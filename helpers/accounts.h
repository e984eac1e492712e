/* The password database: of this machine, and of an image. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct account {
    char *name, *home, *shell; /* "" where the entry has none */
};

/* The entry of `uid` in the passwd(5) text that `fd` holds; closes `fd`. */
bool account_in(int fd, uid_t uid, struct account *found);

/* Of this machine: the file first, then whatever else the system is told to ask.
 * Nothing is found for a uid nobody knows; then all fields are "". */
bool account_here(uid_t uid, struct account *found);
