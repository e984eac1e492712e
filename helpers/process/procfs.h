/* Other processes, as /proc shows them. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* The first but this one that `wanted` says yes to, given its number and its directory in /proc;
 * 0 if there is none. */
pid_t process_find(bool (*wanted)(pid_t pid, int dir, void *of), void *of);

/* Whether `wanted` says yes to one of a process's descriptors: the link `name` in `fds`. */
bool process_has(int dir, bool (*wanted)(int fds, const char *name, void *of), void *of);
bool descriptor_locks(int fds, const char *name); /* it holds a lock (flock) */

/* A descriptor that polls readable at the end of the process whose argv[0] is this; -1 if there
 * is none. */
int process_titled(char *title);

/* "process 12 (bash)": the first that is in a directory of this file system, or has a file of
 * it open; NULL if none is seen, as other people's processes are not. */
const char *process_using(dev_t device);

/* The same of the first that has this file open and locked (flock); with its words, since
 * those of a run say which. */
const char *process_locking(int fd);

/* Of a process's directory in /proc: a file as text (how much of it, or -1); the command line. */
ssize_t process_reads(int dir, const char *name, char *text, size_t room);
void process_words(int dir, char *text, size_t room);
