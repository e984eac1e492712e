/* Numbers put into words, as plashui/base/units.py does. */
#pragma once

#include <stdint.h>

/* "812 B", "1.9 GB", "162 MB". */
char *size_in_words(uint64_t bytes);

/* "1 image", "3 images", "1,200 images". */
char *plural(uint64_t number, const char *noun);
