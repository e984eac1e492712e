/* Owner, mode, attributes and times of what is unpacked. */
#pragma once

#include <sys/types.h>

#include "packing/unpacking.h"
#include "packing/way.h"
#include "tar/member.h"

struct made {
    const struct unpacking *u;
    struct tar *tar;
    const struct level *parent;
    const char *name;    /* in it */
    int fd;              /* of a file or directory; else -1 */
    bool existed;        /* its owner and mode may be others */
    struct level *level; /* of a directory */
};

/* The mode that it is to have. */
unsigned mode_to_make(const struct unpacking *u, const struct member *m);

/* Set all of it that is not there yet; of a directory the time is set when the way leaves it. */
void set_facts(const struct made *made);

/* For struct way: a list that could not be set is counted. */
void set_default_acl(void *of, int fd, const void *value, size_t size);

extern const char ACCESS_ACL[];
