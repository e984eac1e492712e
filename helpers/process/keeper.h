/* The keeper (see monitor.h), and the messages between it and the monitor. */
#pragma once

#include <sys/types.h>

#include "process/job.h"

/* keeper -> monitor: the wait status of the payload. RESUMED answers an order to continue: 0, or
 * the status of a later stop that stays. */
enum news { STOPPED, RESUMED, ENDED, LEFT_SOME };
struct report {
    enum news news;
    int status;
    bool began; /* false: the payload could not begin, and has reported why */
};
/* monitor -> keeper: a signal for the payload. With SIGCONT, the number of stops at the time it was
 * sent: one that arrives late must not undo the next Ctrl-Z. */
struct order {
    int signal;
    unsigned stops;
};

/* Kill all descendants. The calling process must be the parent of orphans (a subreaper). */
void end_all_children(void);

_Noreturn void keep(const struct job *job, int socket);
