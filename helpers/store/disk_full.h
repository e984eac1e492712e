/* A full disk: the error says what would free some space. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

/* From now on every failure because of a full disk says what would free space in this store.
 * workdir.c calls this, since every new layer is made in a work directory. */
void fulldisk_advise(const struct store *s);

/* Return the advice: a sentence without a full stop. */
const char *fulldisk_advice(const struct store *s);

/* Whether so little space is free that a failure can be put down to it. */
bool fulldisk_is(const struct store *s);
