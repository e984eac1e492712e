/* Files with several names: what was noted of each when its first name was met. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct inodes {
    struct inode {
        uint64_t dev, ino;
        char *note;
    } * table; /* open addressing; ino 0 is a free place */
    size_t room, used;
};

/* The note on a file: NULL where there is none. It may be changed until the next call. */
char **inode_note(struct inodes *all, const struct stat *st);

void inodes_free(struct inodes *all);
