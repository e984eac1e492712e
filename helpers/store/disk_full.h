/* A full disk: whoever runs into it is told what would make room. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

/* From now on every failure for want of room on the disk says what would make some in this store.
 * Every new layer is made in a work directory of the store, and so those ask for it. */
void fulldisk_advise(const struct store *s);

/* A sentence without a full stop. */
const char *fulldisk_advice(const struct store *s);

/* Whether so little is free that whatever failed has failed for that. */
bool fulldisk_is(const struct store *s);
