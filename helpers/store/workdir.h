/* Directories in the store's tmp/, in which something is made. */
#pragma once

#include "store/store.h"

struct workdir {
    char *path; /* absolute */
    char *name; /* in tmp/ */
    int tmp;    /* the store's tmp/, and the directory itself */
    int fd;     /* locked: whoever gets its lock knows that it is left over */
};

/* A new one, plashtmp_SID_PID_XXXXXX with the number of this process. */
struct workdir workdir_new(const struct store *s);

/* The same; false where the store cannot be written to. */
bool workdir_try_new(const struct store *s, struct workdir *w);

/* The name for something else of this process in tmp/: plashtmp_SID_PID_WHAT. */
char *workdir_name(const char *what);

/* Opens the directory `name` of the store's tmp/, and locks nothing. */
struct workdir workdir_named(const struct store *s, const char *name);

/* Deletes it. What a program wrote in a user namespace may belong to ids of that: call it in
 * one like it. */
void workdir_remove(const struct workdir *w);

/* The same in the end, if this process fails before workdir_keep. */
void workdir_remove_on_failure(const struct workdir *w);
void workdir_keep(void);

/* The path of a new one that is not locked and not this process's, but its session's. */
char *workdir_of_session(const struct store *s);

/* Whether tmp/ seems to hold something whose maker is gone. */
bool workdirs_left_behind(const struct store *s);
