/* Unpacking archives that may be hostile. */
#pragma once

#include <stdint.h>

#include "packing/unpack.h"
#include "userns/userns.h"

enum {
    /* More than any honest archive needs. A decompressor allocates what a file declares as its
       window. */
    MOST_MEMORY_TO_UNPACK = 512 << 20
};

struct extracted {
    struct unpacked of;
    enum map map; /* how the owners were mapped */
    bool inside;  /* it was the archive, or writing it, that failed */
};

/* Unpack the uncompressed tar on standard input into a directory, and write nowhere else. `path` is
 * for messages. `unset_ids`: without setuid and setgid bits. `notes`: a directory for the notes on
 * a layer of an image, as which it is then unpacked; or -1. `unsynced`: do not wait for the disk.
 * Returns a wait status: if not 0, what is wrong was written to `complaints`. All signals are
 * blocked from then on. */
int extract(int directory, const char *path, int complaints, bool unset_ids, int notes,
            bool unsynced, struct extracted *done);

/* Limit the memory of this process to that. */
void limit_memory_to_unpack(void);

/* Fail if the archive was cut off. */
void extracted_is_whole(const struct extracted *done);

/* Print what was skipped, if anything. */
void extracted_say_left_out(const struct extracted *done);
