/* A second command that works on the same changes (run:persist) joins the mounts of the first:
 * two overlays that write to one directory would spoil it, but two programs in one do not.
 *
 * Whoever has the changes opens a door in them, a socket. Who knocks is given what it takes to come
 * in, and the lock, which then is free only when the last of them has ended. */
#pragma once

#include <stdbool.h>

#include "changes.h"
#include "store.h"
#include "userns.h"

struct joining {
    bool joined; /* else we are the first */
    int door;    /* listens; or -1 */
    int mounts;  /* the namespaces; the second is -1 where there is none of our own */
    int users;
    char image[ID_SIZE]; /* what is mounted */
};

/* The changes of the directory, alone or with others; or fail, also where those run another image
 * than this. */
struct changes changes_take_or_join(const char *path, const struct image *image, struct joining *j);

/* In the keeper: notes the namespaces that others are to enter. */
void join_offer(struct joining *j, enum map map);

/* In the keeper: lets in who knocks. */
void join_answer(const struct joining *j, const struct changes *c);

/* In the keeper of one that joins: goes where the others are. */
void join_enter(const struct joining *j);
