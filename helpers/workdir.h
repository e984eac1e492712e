/* The directory that takes the changes of a run and is thrown away after it. */
#pragma once

#include <stdbool.h>

#include "store.h"

struct workdir {
    int store;  /* descriptor of the store */
    char *name; /* plashtmp_SID_PID_XXXXXX, under tmp/ */
    int lock;
};

/* With data/ and work/ in it, locked exclusively: whoever gets the lock knows it is left over. */
struct workdir workdir_make(const struct store *s);

/* Whether the changes of a run that are thrown away can be kept in memory: no directory is
 * made on the disk, and none left there whatever happens. Not if $PLASH_RUN_ON_DISK is set. */
bool memory_is_fine(void);

/* A new file system in memory with data/ and work/ in it, attached at STORE/mnt in our own
 * mount namespace. */
int memory_make(const char *store);

/* What ran in a user namespace left files of other ids: call it in the same. */
void workdir_remove(const struct workdir *w);
