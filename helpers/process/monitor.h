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

#include "process/job.h"

/* Returns how the payload ended, as wait(2) has it; or the keeper, if there was no payload and it
 * has been said why. All signals are blocked from then on. */
int outcome_of(const struct job *job);

/* To end as what has this wait status did: returns the status to exit with. If a signal killed it
 * this does not return: we die of the same one. */
int end_like(int status);

/* The one after the other. */
int wait_for(const struct job *job);
