/* What of a squashfs is to be unpacked, how, and what came of it. */
#pragma once

#include <stdatomic.h>

#include "squashfs/squashfs.h"

struct squashfs_unpacking {
    struct squashfs *image;
    uint64_t from;    /* where the inode of the directory is */
    int into;         /* becomes that directory */
    unsigned threads; /* 0: as many as there are processors, at most eight */
    bool owners;      /* we may give files away; else the owners are kept as an attribute */
    const char *only; /* unpack what matches this pattern (fnmatch), and the way to it; or NULL */
    /* What came of it, counted all the time. */
    _Atomic uint64_t files, bytes;
    _Atomic uint64_t devices, attributes; /* that we may not make, or the file system cannot hold */
    char wrong[1024];                     /* what failed first: "usr/bin/x: why" */
};
