/* Joining a run: a second command on the same changes (run:persist) enters the mounts of the first.
 * Two overlays that write to one directory would corrupt it; two programs in one overlay do not.
 *
 * The first run listens on a socket in the directory of changes, the door. A process that connects
 * receives descriptors of the namespaces and of the lock, which is released when the last of them
 * has ended. */
#pragma once

#include <stdbool.h>

#include "image/upperdir.h"
#include "store/store.h"
#include "userns/userns.h"

enum { MOST_NAMESPACES = 7 };

struct joining {
    bool joined; /* false: this is the first run */
    int door;    /* listens; or -1 */
    int present; /* an end of a pipe that all who have joined hold. The first process of an isolated
                  * run waits until they have ended, since its own end would kill them */
    int namespaces[MOST_NAMESPACES], count;
    struct facts {      /* of the first */
        uint64_t store; /* its number */
        char image[ID_SIZE];
        bool isolated, network, user_namespace;
        pid_t keeper;
    } first;
};

/* Take the changes in the directory, alone or with others. Fails also if the others run another
 * image, or run it in another way. */
struct changes changes_take_or_join(const char *path, const struct facts *ours, struct joining *j);

/* In the keeper: keep the namespaces that others may enter. */
void join_offer(struct joining *j, enum map map);

/* The id of this process outside all namespaces; call it before they are made. */
pid_t number_outside(void);

/* In the keeper: answer a process that connects to the door. */
void join_answer(const struct joining *j, const struct changes *c);

/* In the keeper of a run that joins: enter the namespaces. */
void join_enter(const struct joining *j);
