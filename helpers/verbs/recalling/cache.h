/* What a verb made of the same words before. */
#pragma once

#include "store/store.h"

/* The id of the image that the words make (a verb, its words, NULL): the one they made before, if
 * it is still there and what they stand for is the same, or a new one. */
char *image_from_cache(const struct store *s, char **words);
