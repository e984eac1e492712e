/* Becoming another program, and saying why not. */
#pragma once

/* What stands after an image's id or a directory; a `--` before the command is not part of it. */
char **command_of(char **words);

/* A program of the host's, looked for in the PATH of `environment`. Exits with 127 if there is
 * none of that name, 126 if it cannot be executed. */
_Noreturn void become(char **argv, char **environment);

/* The same of an image, which must not get hold of this program. `where` is for the message:
 * "image 7". */
_Noreturn void become_inside(char **argv, char **environment, const char *where);

/* A login shell: argv[0] begins with a dash. `shell` is tried first, then bash and sh. */
_Noreturn void become_login_shell(const char *shell, char **environment, const char *where);

/* `command` through the login shell, its profile read before. */
_Noreturn void become_through_login_shell(const char *shell, char **command, char **environment,
                                          const char *where);

/* The shell of who called us. */
char **host_shell(void);
