/* Showing that a shell is in an image, since its prompt often looks like the host's. */
#pragma once

#include <stdbool.h>

#include "store/store.h"

/* "17 web", or "17" if the image does not have a name. Safe for a terminal and a shell. */
char *entry_label(const struct store *s, const struct image *image);

/* Add debian_chroot to `variables`, and a prompt for shells that do not show it. */
char **entry_environment(char **variables, const char *label, const char *shell);

/* On a terminal: set its title and print a line; restore the title. */
void entry_begin(const char *label, const char *of_host);
void entry_end(void);
