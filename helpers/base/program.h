/* Programs of this machine: where they are, and one of them as a child. */
#pragma once

#include <sys/types.h>

/* Where a program of this machine is in PATH; NULL: nowhere. */
char *program_in_path(const char *name);

/* The same for programs that must be the system's own: the usual places come first. */
char *usual_program(const char *name);

/* The system's GNU tar; "" if there is none. */
const char *tar_path(void);

/* Another program as a child, of which we read one output (1 or 2). `error` instead if it
 * cannot be started, as for a path that is NULL. */
struct child {
    pid_t pid;
    int said, error;
};
struct child child_start(const char *path, char *const *argv, int output);

/* The wait status of a child, when it has ended. */
int child_status(pid_t pid);
