/* What killed programs have left in the store. */
#pragma once

#include "store/store.h"

/* Let plashui remove it, if there seems to be any. Verbs that change the store call this at the
 * end. */
void sweep(const struct store *s);
