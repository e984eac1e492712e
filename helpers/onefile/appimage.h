/* The words that every AppImage of type 2 understands: --appimage-... */
#pragma once

#include <stdbool.h>

#include "onefile/contents.h"

/* Whether the word is one of them. */
bool is_appimage_word(const char *word);

/* Do what the words say, and end the process; or return, if the app is to be started:
 * --appimage-extract-and-run. */
void appimage_do(struct contents *c, char **words);
