/* Other processes, as /proc shows them. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Find the first other process that `wanted` accepts, given its id and its directory in /proc.
 * Returns 0 if there is none. */
pid_t process_find(bool (*wanted)(pid_t pid, int dir, void *of), void *of);

/* Whether `wanted` accepts one of a process's descriptors: the link `name` in `fds`. */
bool process_has(int dir, bool (*wanted)(int fds, const char *name, void *of), void *of);
bool descriptor_locks(int fds, const char *name); /* whether it holds a lock (flock) */

/* Return a pidfd of the process whose argv[0] is `title`; it polls readable when that ends. Returns
 * -1 if there is none. */
int process_titled(char *title);

/* Name the first process, "process 12 (bash)", whose program, root or working directory or open
 * file is on this file system; NULL if there is none among those that the caller may see. */
const char *process_using(dev_t device);

/* Name the first process, with its command line, that has locked this file (flock). */
const char *process_locking(int fd);

/* Read the command line of a process, given its directory in /proc. */
void process_words(int dir, char *text, size_t room);

/* Read /proc/PID/stat into `text`, and return what follows the name in it: " STATE PARENT ...".
 * `process` is a path of /proc/PID, relative to `dir`. Returns NULL if there is no such process. */
const char *process_stat(int dir, const char *process, char *text, size_t room);
