/* Other processes, as /proc shows them. */
#pragma once

#include <sys/types.h>

/* A descriptor that polls readable at the end of the process whose argv[0] is this; -1 if there
 * is none. */
int process_titled(const char *title);

/* "process 12 (bash)": the first that is in a directory of this file system, or has a file of
 * it open; NULL if none is seen, as other people's processes are not. */
const char *process_using(dev_t device);

/* A file of a process's directory in /proc, as text; how much of it, or -1. */
ssize_t process_reads(int dir, const char *name, char *text, size_t room);
