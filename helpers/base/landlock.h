/* Giving up the right to write anywhere but beneath one directory. */
#pragma once

/* Which version the kernel has; 0: none. */
int landlock_version(void);

/* For this process and all it starts: writing only beneath `directory` (and to /dev/null),
 * no TCP; nowhere if it is -1. Needs no_new_privs. Returns the version in force, 0 where there is
 * none. */
int landlock_write_only_beneath(int directory);
