/* Unpacking what strangers packed. */
#pragma once

#include <stdint.h>

#include "userns/userns.h"

enum {
    /* More than any honest archive needs. A header may say that a name is as long as it likes, and
     * tar believes it; a compressed file may say the same of what it looks back to. */
    MOST_MEMORY_TO_UNPACK = 512 << 20
};

struct extracted {
    /* What could not be made, and is missing: device nodes, and attributes that the file system or
     * our ids cannot hold. */
    uint64_t devices, attributes;
    uint64_t unset; /* files that were setuid or setgid, and are not */
    enum map map;   /* whose files they are */
    bool cut_off;   /* the mark at the end was missing */
};

/* Unpacks the plain tar on standard input into a directory, and writes nowhere else. `path`
 * names it in errors. `unset_ids`: then takes the setuid and setgid bits from its files. Returns
 * how that ended, as wait(2) has it: not with 0 if anything else could not be made, of which tar
 * has said in `complaints` what and why. All signals are blocked from then on. */
int extract(int directory, const char *path, int complaints, bool unset_ids,
            struct extracted *done);

/* Ends with what is wrong if it was cut off. */
void extracted_is_whole(const struct extracted *done);

/* Says what could not be made, if anything, to a person. */
void extracted_say_left_out(const struct extracted *done);
