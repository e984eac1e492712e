/* A control group of the image's own, beneath or beside the caller's: how much memory and how many
 * processes it may have, and what it finds when it mounts the groups for itself. */
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
};

/* One for each hierarchy that it takes; the version 2 one is the only one of a modern machine. */
struct cgroups {
    struct cgroup one[24];
    int count;
};

/* Those that it takes for the limits; says why and what to do if they cannot be had. */
struct cgroups cgroups_for(const struct limits *limits);

/* One more in every other hierarchy. False where one of them cannot be had, although a program that
 * mounts it could change the caller's. */
bool cgroups_everywhere(struct cgroups *c);

/* Those that a run has, for another that joins it: `pid` is its keeper. `everywhere`, out: as
 * cgroups_everywhere. */
struct cgroups cgroups_of(pid_t pid, bool *everywhere);

/* This process, and all it starts from here on. */
void cgroups_enter(const struct cgroups *c);

/* When nobody is in them any more. */
void cgroups_remove(const struct cgroups *c);

/* "512M", "2G" or bytes; or an error that names the option. */
uint64_t size_of_word(const char *option, const char *word);
