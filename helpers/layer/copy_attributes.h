/* What a file has beside its content: owner, extended attributes, mode, times. */
#pragma once

#include <sys/stat.h>

/* Give `name` in the directory `to` what `source` in `from` has, which `st` is of. The overlay's
 * own marks are not copied. `path` is for messages. Both names may be ".". The working directory
 * is another one afterwards. */
void copy_attributes(int from, const char *source, int to, const char *name, const struct stat *st,
                     const char *path);
