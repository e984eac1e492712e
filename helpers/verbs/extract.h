/* Unpacking archives that may be hostile. */
#pragma once

#include <stdint.h>

#include "userns/userns.h"

enum {
    /* More than any honest archive needs. tar allocates what a header declares as the length of a
       name, and a decompressor what a file declares as its window. */
    MOST_MEMORY_TO_UNPACK = 512 << 20
};

struct extracted {
    /* What was skipped: device nodes, and attributes that the file system or our ids cannot hold.
     */
    uint64_t devices, attributes;
    uint64_t unset; /* files that lost their setuid or setgid bit */
    enum map map;   /* how the owners were mapped */
    bool cut_off;   /* the end mark is missing */
};

/* Unpack the uncompressed tar on standard input into a directory, and write nowhere else. `path` is
 * for messages. `unset_ids`: remove setuid and setgid bits afterwards. Returns a wait status: not 0
 * if something else than the skipped items could not be made; tar has then written to `complaints`
 * what and why. All signals are blocked from then on. */
int extract(int directory, const char *path, int complaints, bool unset_ids,
            struct extracted *done);

/* Fail if the archive was cut off. */
void extracted_is_whole(const struct extracted *done);

/* Print what was skipped, if anything. */
void extracted_say_left_out(const struct extracted *done);
