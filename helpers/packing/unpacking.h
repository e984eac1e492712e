/* What is to be unpacked, how, and what came of it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "tar/member.h"

enum { BEYOND_PATH = 1024 };

/* What came of it: in memory that is shared with whoever asked. */
struct unpacked {
    uint64_t files, bytes; /* members, and bytes of their content */
    /* What was skipped: device nodes, and attributes that the file system or our ids cannot hold.
     */
    uint64_t devices, attributes;
    uint64_t unset;  /* files that lost their setuid or setgid bit */
    uint64_t owners; /* files whose owners are kept as an attribute, or not at all */
    struct {
        uint64_t files; /* whose owner, or group, is beyond the ids that we have */
        unsigned uid, gid, most_uid, most_gid;
        char path[BEYOND_PATH]; /* of the first */
    } beyond;
    bool whole;    /* the end mark was there */
    bool replaced; /* a later member took the place of an earlier one: the recipe is void */
};

struct unpacking {
    int input, root;
    bool owners;     /* we may give files away */
    bool all_rights; /* modes do not keep us out */
    bool unset_ids;  /* remove setuid and setgid bits */
    bool layer;
    int implied, recipe; /* of a layer: what is written to */
    struct unpacked *done;
};
