/* The subordinate ids of a user: ranges of /etc/subuid or /etc/subgid. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MOST_RANGES = 300 }; /* the kernel takes 340 lines in a map */

struct range {
    uint32_t from, count;
};

/* Read the ranges of a user from a file, and return how many. A range that contains the user's own
 * id `own`, or overlaps an earlier one, is left out. Both files, also that of groups, have the
 * user's name or uid. */
int subids_of(const char *file, const char *name, uid_t uid, uint32_t own, struct range *found);

/* The service that keeps the ids according to /etc/nsswitch.conf; NULL: the files. */
char *subids_service(void);
char *subids_service_in(const char *file);
/* Read the ranges from getsubids; and from its output, lines of "0: NAME FROM COUNT" (NAME may hold
 * any characters). Closes `fd`. */
int subids_listed(int fd, uint32_t own, struct range *found);
int subids_by_service(bool groups, const char *name, uint32_t own, struct range *found);

/* Find 65536 ids that nobody has in either file; a count of 0: there are none. */
struct range subids_free(uint32_t own);
