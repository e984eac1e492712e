/* The environment of a program that runs in an image. */
#pragma once

/* Make the environment: `path` becomes PATH, the working directory PWD, and `home` HOME (NULL: the
 * caller's). Every variable X of the host is passed as _HOST_X; a few keep their names. */
char **environment_inside(const char *path, const char *home);

/* Read PATH from an image's /etc/environment. Closes `fd`, which may be -1. */
const char *path_inside(int fd);

/* Make the environment of an isolated run: TERM of the host, the image's own variables `wishes`
 * (ends with NULL), then `asked`: NAME=VALUE, or NAME for the caller's value. */
char **environment_isolated(const char *path, const char *home, const char *hostname,
                            const char *const *wishes, const char *const *asked, int count);
