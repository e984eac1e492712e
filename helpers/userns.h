/* Becoming root in a namespace of one's own. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "must.h"

enum map { MAP_NONE, MAP_ROOT, MAP_FULL, MAP_SINGLE };

struct identity {
    enum map map;
    const char *why;        /* why not a better map; "" if it is the best there is */
    struct failure failure; /* of MAP_NONE */
};

const char *map_name(enum map map);

/* Real root stays what it is. Everybody else gets a user namespace in which they are
 * root, with all their subordinate ids if there are any. `also` are further
 * namespaces (CLONE_NEWNS) made at the same time. The process must be single threaded.
 *
 * PLASH_NO_UNSHARE in the environment: no namespace is made. */
struct identity userns_try(int also);
struct identity userns_enter(int also); /* or fail, saying what to do about it */

/* userns_enter in two steps, since newuidmap and newgidmap take a while: between them the process
 * is in its namespaces, and may mount, but ids have no names yet. */
struct becoming {
    struct identity now;
    struct mapper *mapper; /* at work, or NULL */
    unsigned uid, gid;
};
struct becoming userns_begin(int also);
struct identity userns_complete(struct becoming *b);

/* Before a fork whose child will call userns_begin: the parent can be the one that stays
 * outside. NULL where nothing will have to be mapped from there. */
struct mapper *userns_prepare_parent(void);
void userns_parent_serves(struct mapper *m); /* in the child */

/* fork(2), but the child is the first process of a new pid namespace (which no process can
 * enter itself), and so, but for root, already in its user namespace. */
pid_t userns_fork(void);

bool unshare_forbidden(void); /* PLASH_NO_UNSHARE is set */
bool in_a_userns(void);       /* not the one the machine started with */

/* Of /proc/self/uid_map or gid_map: "INSIDE:OUTSIDE:COUNT", again after a colon for more. */
char *ids_mapped(const char *path);
/* Whether a uid_map is that of the namespace the machine started with: one line, all ids. */
bool maps_every_id(const char *text);
