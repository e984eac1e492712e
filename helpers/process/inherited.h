/* What programs inherit from plash. */
#pragma once

#include <sys/types.h>

/* What main() does first. It fails if the program has more rights than its caller. */
void program_begins(const char *name);

/* Before exec: reset signals and umask to what a program expects. */
void behave_like_a_program(void);
mode_t umask_of_caller(void);
