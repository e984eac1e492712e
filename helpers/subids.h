/* The subordinate ids of a user: every range of /etc/subuid or /etc/subgid. */
#pragma once

#include <stdint.h>
#include <sys/types.h>

enum { MOST_RANGES = 300 }; /* the kernel takes 340 lines in a map */

struct range {
    uint32_t from, count;
};

/* Both files are keyed by the user's name or uid; also the one of groups. */
int subids_of(const char *file, const char *name, uid_t uid, uint32_t own, struct range *found);
