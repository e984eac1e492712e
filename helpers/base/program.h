/* Programs of this machine: finding them, and starting one as a child. */
#pragma once

#include <sys/types.h>

/* Find a program in PATH; NULL: not found. */
char *program_in_path(const char *name);

/* Find a program that must be the system's own: the usual directories come before PATH. */
char *usual_program(const char *name);

/* Return the path of the system's GNU tar; "" if it is not installed. */
const char *tar_path(void);

/* Start a program as a child. `output` is 1 or 2: what it writes there is read from `said`. If it
 * cannot be started, e.g. because `path` is NULL, `error` is set and nothing is open. */
struct child {
    pid_t pid;
    int said, error;
};
struct child child_start(const char *path, char *const *argv, int output);

/* Wait until a child has ended, and return its wait status. */
int child_status(pid_t pid);
