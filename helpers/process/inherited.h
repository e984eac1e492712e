/* What programs inherit from us. */
#pragma once

#include <sys/types.h>

/* For every process that goes on to be something else: signals and umask as a program
 * expects to find them. */
void behave_like_a_program(void);
void remember_umask(void); /* and have one of our own from here on */
mode_t umask_of_caller(void);
