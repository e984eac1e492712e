/* Landlock: a process gives up the right to write outside one directory. */
#pragma once

/* Return the kernel's Landlock version; 0: it has none. */
int landlock_version(void);

/* Let this process and its children write only below `directory` (-1: nowhere) and to /dev/null,
 * and use no TCP (version 4). Needs no_new_privs. Returns the version in force; 0: none, since the
 * kernel has none or only version 1, which would forbid hard links between directories. */
int landlock_write_only_beneath(int directory);
