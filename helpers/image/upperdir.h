/* Where the changes of an image go: a directory with data/ and work/ in it; or memory, see
 * upper_in_memory.h. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct changes {
    const char *path; /* absolute, links resolved */
    int lock;         /* its descriptor: exclusively locked, and told so by its end */
    char *work;       /* what it is called in the source of a mount */
    int tmp;          /* of changes_new: the store's tmp/, which it is in */
};

/* The directory that a person gives for changes to be kept in. Refused while anybody else writes to
 * it: whoever runs holds the lock, and a mount, which no process stays with, names it in the mount
 * table. */
struct changes changes_take(const char *path);

/* The same; false if another has the lock. */
bool changes_try_take(const char *path, struct changes *c);

/* Of a directory that has become one of changes, or may have been: refused likewise, else it is
 * this process's for as long as it lives. STEP is what the refusal says cannot be done. Asked
 * outside of a user namespace, where the holder can be seen. */
void changes_claim(const char *step, const char *path, int dir);

/* One in the store, plashtmp_SID_PID_XXXXXX, to be thrown away: whoever gets its lock knows it
 * is left over. */
struct changes changes_new(const struct store *s);
/* The same; false where nothing, or no overlay, can write to the store. */
bool changes_try_new(const struct store *s, struct changes *c);
/* What ran in a user namespace left files of other ids: call it in the same. */
void changes_remove(const struct changes *c);

/* data/ and work/ in the directory, unless they are there. */
void changes_make_places(int dir, const char *step, const char *thing);

/* Deletes the mark that forbids to mount changes again which were never synced. */
void changes_forget_unsynced(const struct changes *c);
