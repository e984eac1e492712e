/* What programs inherit from plash. */
#pragma once

#include <sys/types.h>

/* Before exec: reset signals and umask to what a program expects. */
void behave_like_a_program(void);
void remember_umask(void); /* and set our own */
mode_t umask_of_caller(void);
