/* What is run, and what is done around it: see monitor.h. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct job {
    void (*prepare)(void *of);   /* in the keeper */
    void (*payload)(void *of);   /* in the payload: exec, or exit with a message */
    void (*meanwhile)(void *of); /* in the keeper, once the payload runs; or NULL */
    void (*tidy)(void *of);      /* in the keeper, when all is over; or NULL */
    void (*rescue)(void *of);    /* in the waiter, if the keeper could not tidy; or NULL */
    void (*alone)(void *of);     /* likewise, if the waiter or who started us has gone; or NULL */
    void (*visited)(void *of);   /* in the keeper, when somebody knocks at `door`; or NULL */
    void *of;
    int door;         /* a socket that listens */
    int present;      /* with own_pids: the end of a pipe that all have who came in by it, */
    int gone;         /* and the other end: they would be ended with us. Or -1 */
    bool joins_pids;  /* of them one of processes */
    bool joins;       /* `prepare` enters namespaces that are there: the keeper is born in none */
    int lifeline;     /* reads EOF when who started us has gone; or -1 */
    bool own_pids;    /* the keeper is the first process of a new pid namespace */
    bool *began;      /* out: whether the payload did, for all that is known; or NULL */
    bool leaves_none; /* what the payload leaves running is ended too */
};
