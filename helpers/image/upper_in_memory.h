/* Changes that are thrown away, in memory: nothing is written to the disk for them. */
#pragma once

#include <stdint.h>

/* NULL, or why that cannot be here. */
const char *ram_trouble(void);

/* How many bytes they may take, so that what runs can still do its work and is never killed for
 * want of memory: half of what is free in the machine, and in every control group we are in. */
uint64_t ram_to_spare(void);

/* A new file system of that size, attached at STORE/mnt in our own mount namespace. */
int ram_make(const char *store, uint64_t bytes);
