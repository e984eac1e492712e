/* Mapping subordinate ids: a process outside a new user namespace runs newuidmap and newgidmap,
 * which are setuid root and write its maps. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "userns/subids.h"

struct mapper {
    uid_t uid;
    gid_t gid;
    int uids, gids; /* how many ranges */
    struct range uid_ranges[MOST_RANGES], gid_ranges[MOST_RANGES];

    bool uid_done, gid_done;
    char message[256]; /* what newuidmap or newgidmap said, if it failed */

    char *programs[2]; /* newuidmap and newgidmap; NULL: not installed */
    pid_t pid;
    /* A pair of sockets for each program, of which it has one as its standard error: the process
     * to be mapped hears from the kernel that it has ended, and nobody is woken in between. */
    int sockets[2], other_sockets[2];
};

/* Before unshare: start a child, which stays in the old namespace. */
void mapper_start(struct mapper *m);
/* Alternatively, a parent maps the one process that it has forked. */
void mapper_connect(struct mapper *m);                          /* before the fork */
void mapper_serve(struct mapper *m, pid_t child, bool at_once); /* not only after mapper_go */
void mapper_is_parent(struct mapper *m);                        /* in the child */

void mapper_go(struct mapper *m);     /* after unshare: map the calling process */
void mapper_finish(struct mapper *m); /* in any case; waits until it has */
