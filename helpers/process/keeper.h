/* The keeper's half of monitor.h, and what the two say to each other. */
#pragma once

#include <sys/types.h>

#include "process/job.h"

/* keeper -> waiter: what became of the payload (a wait status). RESUMED answers an order to
 * continue: 0, or the status of a later stop that stays. */
enum news { STOPPED, RESUMED, ENDED, LEFT_SOME };
struct report {
    enum news news;
    int status;
    bool began; /* else it is known that it could not, and has said why */
};
/* waiter -> keeper: a signal for the payload. Of SIGCONT, how many times the payload had
 * stopped when it was meant: one that comes late must not undo the next Ctrl-Z. */
struct order {
    int signal;
    unsigned stops;
};

/* Ends everything below us, all the way down. Who is asked must be the parent of orphans. */
void end_all_children(void);

_Noreturn void keep(const struct job *job, int socket);
