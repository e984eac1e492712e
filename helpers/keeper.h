/* The keeper's half of waiter.h, and what the two say to each other. */
#pragma once

#include <sys/types.h>

#include "waiter.h"

/* keeper -> waiter: what became of the payload (a wait status) */
enum news { STOPPED, ENDED, LEFT_SOME };
struct report {
    enum news news;
    int status;
};
/* waiter -> keeper: one int, a signal for the payload */

_Noreturn void keep(const struct job *job, int socket);
