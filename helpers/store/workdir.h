/* Work directories, in the store's tmp/: new layers are made there. */
#pragma once

#include "base/directory.h"
#include "store/store.h"

struct workdir {
    char *path; /* absolute */
    char *name; /* in tmp/ */
    int tmp;    /* the store's tmp/, and the directory itself */
    int fd;     /* locked: if somebody else gets the lock, its maker is dead */
};

/* Make one: plashtmp_SID_PID_XXXXXX, with the id of this process. */
struct workdir workdir_new(const struct store *s);

/* Do the same; return false if the store cannot be written to. */
bool workdir_try_new(const struct store *s, struct workdir *w);

/* Return a name in tmp/ for something else of this process: plashtmp_SID_PID_WHAT. */
char *workdir_name(const char *what);

/* Open the directory `name` in the store's tmp/, without a lock. */
struct workdir workdir_named(const struct store *s, const char *name);

/* Delete it. Files that a program wrote in a user namespace may belong to subordinate ids: call
 * this in a user namespace with the same ids. */
void workdir_remove(const struct workdir *w);

/* Delete it if this process fails before workdir_keep. */
void workdir_remove_on_failure(const struct workdir *w);
void workdir_keep(void);

/* Make one that is not locked, and belongs to the session of this process; return its path. */
char *workdir_of_session(const struct store *s);

/* Lock a directory in tmp/ that nobody works in. Returns false if somebody does, or if it is gone.
 * `lock` is -1 for what is not a directory of ours, and cannot be one in use. */
bool workdir_lock_left(int tmp, const char *name, int *lock);

/* Whether tmp/ seems to hold work directories whose makers are gone. */
bool workdirs_may_be_left(const struct store *s);

/* The names of those in tmp/ that nobody has locked; or fail. */
struct names workdirs_left(const struct store *s);
