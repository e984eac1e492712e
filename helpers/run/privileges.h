/* The user and the privileges of a program in an isolated image. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "run/seccomp.h"

struct user {
    uid_t uid;
    gid_t gid, groups[256];
    int count;
    const char *home, *shell;
};

/* Look up USER[:GROUP], names or numbers, in the image; or fail. */
struct user user_inside(int root, const char *word, const char *where);

/* What the program is allowed. */
struct fence {
    bool may_become_others; /* by setuid programs and file capabilities: --setuid */
    bool host_network;
    bool callers_descriptors; /* are passed on to it */
    bool renamed;             /* the user is our only id, under another number */
    bool only_root;           /* there is no other id: changes of owners do nothing */
    enum filter filter;
};

/* Confine this process and its children; close all other descriptors. Only an exec should follow.
 */
void confine(const struct user *u, const struct fence *f);
