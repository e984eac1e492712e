/* Where the changes of a run are written: a directory with data/ and work/ in it, or memory
 * (upper_in_memory.h). */
#pragma once

#include <stdbool.h>

#include "store/store.h"

struct changes {
    const char *path; /* absolute, links resolved */
    int lock;         /* its descriptor, with an exclusive lock */
    char *work;       /* its name in the source of a mount */
    int tmp;          /* from changes_new: the store's tmp/, which holds it */
};

/* Take the directory that a person gives for changes. Fails while anybody else writes to it: a run
 * holds its lock, and a mount, which has no process, names it in the mount table. */
struct changes changes_take(const char *path);

/* Do the same; return false if another process has the lock. */
bool changes_try_take(const char *path, struct changes *c);

/* Take a directory that is, or becomes, one for changes, until this process ends; fail likewise.
 * `step` is for the message. Call it outside the user namespace, where the holder can be seen. */
void changes_claim(const char *step, const char *path, int dir);

/* Make a temporary one in the store, plashtmp_SID_PID_XXXXXX. If somebody else gets its lock, its
 * maker is dead. */
struct changes changes_new(const struct store *s);
/* Do the same; return false if the store, or an overlay in it, cannot be written to. */
bool changes_try_new(const struct store *s, struct changes *c);
/* Delete them. A command in a user namespace leaves files of other ids: call this in the same
 * namespace. */
void changes_remove(const struct changes *c);

/* Make data/ and work/ in the directory where they are missing. */
void changes_make_places(int dir, const char *step, const char *thing);

/* Delete the kernel's mark that unsynced changes must not be mounted again. */
void changes_forget_unsynced(const struct changes *c);
