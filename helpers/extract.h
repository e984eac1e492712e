/* Unpacking what strangers packed. */
#pragma once

#include <stdint.h>

/* What could not be made: device nodes, and attributes that the file system or our ids cannot
 * hold. */
struct extracted {
    uint64_t devices, lost;
};

/* Unpacks the plain tar on standard input into a directory, and writes nowhere else. `path`
 * names it in errors. Returns 0, or the status to exit with; then it was said what is wrong,
 * or tar has. All signals are blocked from then on. */
int extract(int directory, const char *path, struct extracted *done);
