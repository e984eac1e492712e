/* Unpacking what strangers packed. */
#pragma once

#include <stdint.h>

enum {
    /* More than any honest archive needs. A header may say that a name is as long as it likes, and
     * tar believes it; a compressed file may say the same of what it looks back to. */
    MOST_MEMORY_TO_UNPACK = 512 << 20
};

/* What could not be made, and is missing: device nodes, and attributes that the file system or our
 * ids cannot hold. */
struct extracted {
    uint64_t devices, attributes;
};

/* Unpacks the plain tar on standard input into a directory, and writes nowhere else. `path`
 * names it in errors. Returns how that ended, as wait(2) has it: not with 0 if anything else could
 * not be made, of which tar has said in `complaints` what and why. All signals are blocked from
 * then on. */
int extract(int directory, const char *path, int complaints, struct extracted *left_out);
