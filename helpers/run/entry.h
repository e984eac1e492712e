/* A shell in an image says where one is: what its prompt looks like is often that of the host. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

/* "17 web", or "17" of an image without a name. Nothing in it means anything to a terminal or to
 * a shell. */
char *entry_label(const struct store *s, const struct image *image);

/* `variables` with debian_chroot, and with a prompt for shells that do not show that. */
char **entry_environment(char **variables, const char *label, const char *shell);

/* On a terminal: its title, and a line; and the title it had before. */
void entry_begin(const char *label, const char *of_host);
void entry_end(void);
