/* Paths inside an image, which may be a stranger's: nothing here leaves its root directory. */
#pragma once

#include <stdbool.h>

/* The regular file at this path, not larger than a megabyte, to be read; or -1. */
int inside_read(int root, const char *path);

/* What is at this path, links followed as the image means them; where nothing is, a directory
 * or an empty file is made, and the directories above it. Or -1 and errno. */
int inside_reach(int root, const char *path, bool directory);

/* A directory or a file of this name in `dir`, in place of whatever else the image has there. */
int inside_claim(int dir, const char *name, bool directory);
