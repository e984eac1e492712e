/* Open descriptors: those inherited from the caller, and those sent to another process
 * (SCM_RIGHTS).
 *
 * Every descriptor that plash opens is close-on-exec. One that the caller left open without that
 * flag is meant for the program that is run, as in a shell: `plash run 7 cat <(…)`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MOST_SENT = 12 };

/* Close the caller's descriptors, once another process has inherited them; not the standard ones.
 */
void callers_descriptors_close(void);

/* Close all descriptors that plash opened, except `but` and the standard ones; or fail. */
void our_descriptors_close(int but);

/* Make the caller's descriptors close-on-exec: no program inherits them. */
void callers_descriptors_keep_from_programs(void);

/* Close every descriptor, whoever opened it, except the standard ones and `kept` (or -1). */
void descriptors_close_all_but(int kept);

/* Send descriptors with `text` in one message. */
void descriptors_send(int socket, const char *text, size_t length, const int *fds, size_t count);

/* Do the same; return false if the receiver has ended. */
bool descriptors_try_send(int socket, const char *text, size_t length, const int *fds,
                          size_t count);

/* Wait for a message; store up to MOST_SENT descriptors, and return how many (0: none came). */
size_t descriptors_receive(int socket, char *text, size_t length, int *fds);

/* Receive one descriptor without waiting; return false if none has been sent. */
bool descriptor_receive(int socket, int *fd);
