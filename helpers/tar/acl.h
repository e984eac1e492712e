/* Access lists as text (acl(5)), as archives have them. */
#pragma once

#include <stddef.h>

enum { MOST_ACL = 65536 };

/* Make the value of the attribute system.posix_acl_… of it. Returns its size; 0 if it cannot be
 * read, or names somebody whom this machine does not know. */
size_t acl_from_text(const char *text, unsigned char *value);
