/* Changes kept in memory until they are thrown away: nothing is written to the disk. */
#pragma once

#include <stdint.h>

/* Return why this machine cannot do that; NULL: it can. */
const char *ram_trouble(void);

/* The most bytes that they may take: half of what is free, on the machine and in every control
 * group of this process. The rest is left to the command, which is not killed for lack of memory.
 */
uint64_t ram_to_spare(void);

/* Make a file system of that size, attached at this path in this mount namespace. */
int ram_make(const char *path, uint64_t bytes);
