/* What a program in an isolated image is, and what it may not do. */
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

/* USER[:GROUP], names or numbers, as the image knows them; or an error. */
struct user user_inside(int root, const char *word, const char *where);

/* What keeps the program from becoming or asking for more. */
struct fence {
    bool may_become_others; /* by setuid programs and those with capabilities: --setuid */
    bool host_network;
    bool callers_descriptors; /* are its own, too */
    enum filter filter;
};

/* For this process and all it starts; closes what else is open. After it, only an
 * exec should follow. */
void confine(const struct user *u, const struct fence *f);
