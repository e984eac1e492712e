/* Small files, such as those of /proc and of control groups: one read or write each. */
#pragma once

#include <sys/types.h>

/* Read a file at this path, relative to `dir`, as text of less than `room` bytes. Returns its
 * length; -1, and the text is "", if it cannot be read. */
ssize_t small_file_read(int dir, const char *path, char *text, size_t room);

/* Write a text into a file that exists. Returns -1 and errno on failure. */
int small_file_write(const char *path, const char *text);
