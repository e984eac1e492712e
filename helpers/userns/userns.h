/* Becoming root in a user namespace. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/fail.h"

enum map { MAP_NONE, MAP_ROOT, MAP_FULL, MAP_SINGLE };

struct identity {
    enum map map;
    const char *why;        /* why not a better map; "" if it is the best one */
    struct failure failure; /* of MAP_NONE */
};

const char *map_name(enum map map);

/* Which owners this process can give, if it is root and makes no namespace: MAP_ROOT, or MAP_SINGLE
 * where only one id exists. */
enum map map_here(void);

/* Make a user namespace in which the user is root, with all subordinate ids if there are any. Real
 * root stays root, without one. `also` are further namespaces (CLONE_NEWNS) to make at the same
 * time. The process must be single-threaded.
 *
 * With PLASH_NO_UNSHARE in the environment no namespace is made. */
struct identity userns_try(int also);

/* Do the same, or fail with a remedy, in two steps, since newuidmap and newgidmap take time:
 * between them the process is in its namespaces and may mount, but its ids are not mapped yet. */
struct becoming {
    struct identity now;
    struct mapper *mapper; /* at work, or NULL */
    unsigned uid, gid;
};
struct becoming userns_begin(int also);
struct identity userns_complete(struct becoming *b);

/* Fork a child that will call one of these. Except for root's, the child is in its user namespace
 * from the start, and the parent returns when it has mapped the ids. `also` is 0 or CLONE_NEWPID:
 * the child is then the first process of a pid namespace. */
pid_t userns_fork(unsigned long also);

bool unshare_forbidden(void); /* PLASH_NO_UNSHARE is set */
bool in_a_userns(void);       /* not the initial one */

/* Read /proc/self/uid_map or gid_map as "INSIDE:OUTSIDE:COUNT", joined by colons. */
char *ids_mapped(const char *path);
/* Whether a uid_map is that of the initial user namespace: one line, all ids. */
bool maps_every_id(const char *text);
