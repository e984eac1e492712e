/* What programs that were killed have left in the store. */
#pragma once

#include "store/store.h"

/* Lets plashui remove it, if there seems to be any: what changes the store ends with this. */
void sweep(const struct store *s);
