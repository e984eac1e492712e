/* How many descriptors may be open. */
#pragma once

#include <stddef.h>

/* Let this process have up to `most` descriptors, as far as it may; returns how many. */
size_t allow_descriptors(size_t most);
