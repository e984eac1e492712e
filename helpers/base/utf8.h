/* UTF-8 (RFC 3629). */
#pragma once

#include <stddef.h>

/* Return the number of bytes of the well-formed character at `s`, which ends with a NUL; 0 if there
 * is none. */
size_t utf8_length(const unsigned char *s);
