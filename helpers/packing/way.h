/* The way to the directory that a file is made in: all its parents, each by a descriptor. Files
 * mostly come in the order of the tree, so hardly a directory is opened twice.
 *
 * What is made in a directory changes its time; it gets the right one back when the way leaves it.
 * So nothing has to be remembered until the end. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

extern const char DEFAULT_ACL[];

struct level {
    int fd;     /* -1: closed, since too many are open */
    size_t end; /* of its name in the path */
    struct timespec mtime;
    mode_t mode;
    bool timed;                 /* it has to have this time, */
    bool moded;                 /* this mode, at the end */
    bool implied;               /* it was made because something is in it */
    bool over_link;             /* its name is a link */
    unsigned char *default_acl; /* or NULL: what is made in it would inherit it */
    size_t default_size;
};

struct way {
    int root;
    bool all_rights;    /* modes do not keep us out */
    const char *opaque; /* the attribute that marks such directories in a layer; or NULL */
    void (*is_implied)(void *of, const char *path, size_t length); /* or NULL */
    void (*removes)(void *of, int at, const char *name);           /* what is in the way */
    void (*sets_default_acl)(void *of, int fd, const void *value, size_t size);
    bool has_default_acls; /* directories that were left may have some */
    void *of;
    bool made;            /* by the last step */
    struct level *levels; /* the root first */
    size_t depth, room, most_open;
    char *path;
    size_t path_room;
};

enum way_how {
    WAY_LOOK, /* change nothing */
    WAY_MAKE, /* make what is missing; something will be made in it */
    WAY_BE,   /* the last one, too, becomes a directory, whatever it was */
};

void way_open(struct way *w, int root);

/* Go to the directory `path` ("" is the root) of so many bytes; `mode` is that of a new one for
 * WAY_BE. Returns its level, or NULL and errno: for WAY_LOOK if it is not there. All else fails. */
struct level *way_go(struct way *w, const char *path, size_t length, enum way_how how, mode_t mode);

/* Leave all directories but the root; or this one, too. */
void way_leave(struct way *w);
void way_close(struct way *w);
