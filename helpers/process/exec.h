/* Executing another program, and reporting why that fails. */
#pragma once

/* The command after an image's id or a directory, without a `--` before it. */
char **command_of(char **words);

/* Execute a program of the host, found in the PATH of `environment`. Ends with 127 if it is not
 * found, 126 if it cannot be executed. */
_Noreturn void become(char **argv, char **environment);

/* Execute a program of an image, through the launcher. `where` is for the message: "image 7". */
_Noreturn void become_inside(char **argv, char **environment, const char *where);

/* Execute a login shell (argv[0] begins with a dash): `shell`, else bash, else sh. */
_Noreturn void become_login_shell(const char *shell, char **environment, const char *where);

/* Execute `command` through the login shell, after its profile. */
_Noreturn void become_through_login_shell(const char *shell, char **command, char **environment,
                                          const char *where);

/* The caller's shell. */
char **host_shell(void);
