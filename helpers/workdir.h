/* The directory that takes the changes of a run and is thrown away after it. */
#pragma once

#include "store.h"

struct workdir {
    int store;  /* descriptor of the store */
    char *name; /* plashtmp_SID_PID_XXXXXX, under tmp/ */
    int lock;
};

/* With data/ and work/ in it, locked exclusively: whoever gets the lock knows it is left over. */
struct workdir workdir_make(const struct store *s);

/* What ran in a user namespace left files of other ids: call it in the same. */
void workdir_remove(const struct workdir *w);
