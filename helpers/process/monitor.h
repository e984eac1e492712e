/* Running a program and waiting until it has ended.
 *
 *     caller ── monitor ── keeper ── payload
 *
 * The monitor is the process that was called: it handles the terminal and the caller's signals, and
 * ends as the payload ended. The keeper is in the namespaces: it prepares them, is the parent of
 * everything in them (also of what the payload leaves running), and tidies up after the last
 * process has ended. If one of them is killed, the other ends the payload and tidies up.
 *
 * In a pid namespace of its own the keeper is also the init process: the kernel makes it the parent
 * of orphans, protects it from their signals, and kills them all when it ends. */
#pragma once

#include "process/job.h"

/* Run the job, and return the wait status of the payload; or of the keeper, if it failed before the
 * payload and has reported why. All signals are blocked from then on. */
int outcome_of(const struct job *job);

/* Return the exit status for this wait status. If a signal killed the process, kill this one by the
 * same signal, and do not return. */
int end_like(int status);

/* Call outcome_of, then end_like. */
int wait_for(const struct job *job);
