/* A second command that works on the same changes (run:persist) joins the mounts of the first:
 * two overlays that write to one directory would spoil it, but two programs in one do not.
 *
 * Whoever has the changes opens a door in them, a socket. Who knocks is given what it takes to come
 * in, and the lock, which then is free only when the last of them has ended. */
#pragma once

#include <stdbool.h>

#include "image/upperdir.h"
#include "store/store.h"
#include "userns/userns.h"

enum { MOST_NAMESPACES = 7 };

struct joining {
    bool joined; /* else we are the first */
    int door;    /* listens; or -1 */
    /* A pipe that everybody has the one end of who is in: the first process of an isolated run
     * waits at the other end until all have gone, since they would end with it. */
    int present, gone;
    int namespaces[MOST_NAMESPACES], count;
    struct facts {      /* of the first */
        uint64_t store; /* its number */
        char image[ID_SIZE];
        bool isolated, network, user_namespace;
        pid_t keeper;
    } first;
};

/* The changes of the directory, alone or with others; or fail, also where those run another
 * image, or run it otherwise. */
struct changes changes_take_or_join(const char *path, const struct facts *ours, struct joining *j);

/* In the keeper: notes the namespaces that others are to enter. */
void join_offer(struct joining *j, enum map map);

/* Which number our process has outside of all namespaces; to be asked before they are made. */
pid_t number_outside(void);

/* In the keeper: lets in who knocks. */
void join_answer(const struct joining *j, const struct changes *c);

/* In the keeper of one that joins: goes where the others are. */
void join_enter(const struct joining *j);
