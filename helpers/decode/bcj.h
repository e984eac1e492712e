/* Filters that make machine code easier to compress: addresses of calls are absolute in it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Undo the filter of this number (of the .xz format). Returns false if there is no such one. */
bool bcj_undo(uint64_t filter, uint8_t *data, size_t n);
