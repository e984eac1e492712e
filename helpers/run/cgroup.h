/* Control groups for a run, below or next to the caller's: they limit its memory and processes, and
 * are what it sees when it mounts control groups itself. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct limits {
    uint64_t memory, processes; /* 0: none */
};

struct cgroup {
    char *path; /* its directory */
    int procs;  /* its cgroup.procs, to be written to */
    int lock;   /* says that it is in use; -1: somebody else's says so */
};

/* One for each hierarchy in use; with version 2 there is only one. */
struct cgroups {
    struct cgroup one[24];
    int count;
};

/* Make those that the limits need; or fail with a remedy. */
struct cgroups cgroups_for(const struct limits *limits);

/* Make one in every other hierarchy, too. Returns false if one cannot be made, although a program
 * that mounts that hierarchy could change the caller's group. */
bool cgroups_everywhere(struct cgroups *c);

/* Find the groups of a run, for another that joins it: `pid` is its keeper. `everywhere` is set to
 * what cgroups_everywhere returned there. */
struct cgroups cgroups_of(pid_t pid, bool *everywhere);

/* Move this process into them; its later children are in them, too. */
void cgroups_enter(const struct cgroups *c);

/* Remove them when they are empty. */
void cgroups_remove(const struct cgroups *c);

/* Parse "512M", "2G" or bytes; or fail, and name the option. */
uint64_t size_of_word(const char *option, const char *word);
