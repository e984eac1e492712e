/* Becoming root in a namespace of one's own. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/fail.h"

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

/* The same or fail, saying what to do about it; in two steps, since newuidmap and newgidmap take a
 * while: between them the process is in its namespaces, and may mount, but ids have no names yet.
 */
struct becoming {
    struct identity now;
    struct mapper *mapper; /* at work, or NULL */
    unsigned uid, gid;
};
struct becoming userns_begin(int also);
struct identity userns_complete(struct becoming *b);

/* fork(2) of a child that will call one of these. But for root's it is in its user namespace from
 * the start, and the parent returns when it has mapped the ids. `also` is 0, or CLONE_NEWPID: the
 * child is the first process of a pid namespace, which no process can enter itself. */
pid_t userns_fork(unsigned long also);

bool unshare_forbidden(void); /* PLASH_NO_UNSHARE is set */
bool in_a_userns(void);       /* not the one the machine started with */

/* Of /proc/self/uid_map or gid_map: "INSIDE:OUTSIDE:COUNT", again after a colon for more. */
char *ids_mapped(const char *path);
/* Whether a uid_map is that of the namespace the machine started with: one line, all ids. */
bool maps_every_id(const char *text);
