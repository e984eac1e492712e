/* Which extended attributes a file keeps that is unpacked. */
#pragma once

#include <stdbool.h>

/* What means something to the kernel or to other programs in a layer is the store's own. */
bool attribute_is_kept(const char *name);
