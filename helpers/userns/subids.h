/* The subordinate ids of a user: every range of /etc/subuid or /etc/subgid. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { MOST_RANGES = 300 }; /* the kernel takes 340 lines in a map */

struct range {
    uint32_t from, count;
};

/* Both files are keyed by the user's name or uid; also the one of groups. */
int subids_of(const char *file, const char *name, uid_t uid, uint32_t own, struct range *found);

/* Where /etc/nsswitch.conf says that ids are kept elsewhere: by whom; else NULL. */
char *subids_service(void);
char *subids_service_in(const char *file);
/* The same ranges as getsubids knows them; and of what it says, "0: name from count" in each
 * line, where a name may hold anything. Closes `fd`. */
int subids_listed(int fd, uint32_t own, struct range *found);
int subids_by_service(bool groups, const char *name, uint32_t own, struct range *found);

/* 65536 ids that nobody has in either file; a count of 0 if there are no more. */
struct range subids_free(uint32_t own);
