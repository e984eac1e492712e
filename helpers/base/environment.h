/* The environment of a program that runs in an image. */
#pragma once

/* `path` is its PATH, where we are its PWD, and `home` its HOME, or if NULL the caller's. Every
 * host variable X is there as _HOST_X; a few keep their names. */
char **environment_inside(const char *path, const char *home);

/* PATH from the text of an image's /etc/environment (`fd`, closed; -1: there is none). */
const char *path_inside(int fd);

/* Of an isolated image: nothing of the host's but TERM and what `asked` says; its own wishes
 * (ends with NULL), and then `asked`: NAME=VALUE, or NAME for the caller's value. */
char **environment_isolated(const char *path, const char *home, const char *hostname,
                            const char *const *wishes, const char *const *asked, int count);
