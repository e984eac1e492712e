/* Making one file of a squashfs, with all that belongs to it. */
#pragma once

#include <pthread.h>

#include "squashfs/unpacking.h"
#include "tree/inodes.h"

/* A directory that is made. */
struct folder {
    struct folder *next, *parent;
    uint64_t where;   /* its inode */
    unsigned pending; /* itself until it is read, and its directories */
    int fd;           /* -1: it is not open yet, or not any more */
    bool is_wanted;   /* and all in it */
    char name[];
};

/* The inodes that were met: of directories all, of other files those with several names. */
struct seen {
    pthread_mutex_t lock;
    struct inodes names;
};
void seen_open(struct seen *s);
void seen_close(struct seen *s);

/* Returns whether it was there before. */
bool seen_directory(struct seen *s, uint64_t where);

/* Make a file that is no directory. `buffer` has room for a block. Returns 0 or a negative errno.
 */
int unpack_file(struct squashfs_unpacking *u, struct seen *seen, struct folder *in,
                const char *name, const struct squashfs_inode *inode, uint8_t *buffer);

/* Set owner, mode, attributes and time of a file or a directory. */
int unpack_facts(struct squashfs_unpacking *u, int fd, const struct squashfs_inode *inode);
