/* Who uses an image. */
#pragma once

#include "store/store.h"

/* Whether some process, or all, have it mounted. The old program's runs are seen by that alone. */
bool image_is_mounted(const struct store *store, const char *image);
