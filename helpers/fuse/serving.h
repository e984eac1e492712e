/* What is served to the kernel. */
#pragma once

#include <stdbool.h>

#include "squashfs/squashfs.h"

struct fuse_serving {
    struct squashfs *image;
    uint64_t root;    /* where the inode of the directory is that is mounted */
    int device;       /* of fuse_mount */
    unsigned threads; /* at most four; 0: as many as there are processors, two at least */
    bool owners;      /* as in the squashfs; else all is root's, where there is one id only */
};
