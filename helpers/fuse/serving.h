/* What is served to the kernel. */
#pragma once

#include <stdbool.h>

#include "squashfs/squashfs.h"

struct fuse_serving {
    struct squashfs *image;
    uint64_t root;    /* where the inode of the directory is that is mounted */
    int device;       /* of fuse_mount */
    unsigned threads; /* 0: two */
    bool owners;      /* as in the squashfs; else all is root's, where there is one id only */
};
