/* Running a program and staying until it has ended, whatever ends first.
 *
 *     caller ── waiter ── keeper ── payload
 *
 * The waiter is the process that was called: it speaks with the terminal and the caller's
 * signals, and ends as the payload ended. The keeper is in the namespaces: it prepares
 * them, is the parent of everything in them (also of what the payload leaves behind)
 * and tidies up when the last of it is gone. Either of them may be killed; the other
 * then ends the payload and tidies up.
 *
 * With a pid namespace the keeper is also its init: the kernel hands it all orphans, hides it
 * from their signals, and ends them all with it. */
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

/* Returns how the payload ended, as wait(2) has it; or the keeper, if there was no payload and it
 * has been said why. All signals are blocked from then on. */
int outcome_of(const struct job *job);

/* To end as what has this wait status did: returns the status to exit with. If a signal killed it
 * this does not return: we die of the same one. */
int end_like(int status);

/* The one after the other. */
int wait_for(const struct job *job);

/* For every process that goes on to be something else: signals and umask as a program
 * expects to find them. */
void behave_like_a_program(void);
void remember_umask(void); /* and have one of our own from here on */
mode_t umask_of_caller(void);
