/* A command to run, and the functions called around it: see monitor.h. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct job {
    void (*prepare)(void *of);   /* in the keeper */
    void (*payload)(void *of);   /* in the payload: exec, or exit */
    void (*meanwhile)(void *of); /* in the monitor, once the keeper is there: threads may start only
                                  * now, since what userns_fork copies must have none; or NULL */
    void (*started)(void *of);   /* in the keeper, once the payload runs; or NULL */
    void (*tidy)(void *of);      /* in the keeper, at the end; or NULL */
    void (*rescue)(void *of);    /* in the monitor, if the keeper could not tidy; or NULL */
    void (*alone)(void *of);     /* likewise, if the monitor or the caller was killed; or NULL */
    void (*visited)(void *of);   /* in the keeper, when a process connects to `door`; or NULL */
    void *of;
    int door;     /* a socket that listens */
    int *present; /* with `visited`, unless it joins: set in the keeper to an end of a pipe. Whoever
                   * comes in must hold it: with own_pids the keeper waits for them all */
    bool joins_pids;  /* one of these namespaces is of processes */
    bool joins;       /* `prepare` enters existing namespaces: the keeper makes none */
    int lifeline;     /* reads EOF when the caller has ended; or -1 */
    bool own_pids;    /* the keeper is the first process of a new pid namespace */
    bool *began;      /* out: whether the payload began, as far as is known; or NULL */
    bool leaves_none; /* end what the payload leaves running */
    bool own_memory;  /* the payload does more than to become another program */
};
