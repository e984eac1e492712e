/* Open descriptors: those the caller left us, and those sent to another process (SCM_RIGHTS).
 *
 * What we open is close-on-exec, all of it. What the caller left open without that is meant for
 * the program that we start, as of any shell: `plash run 7 cat <(…)`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MOST_SENT = 12 };

/* The caller's, for another process has got them. Standard input, output and error stay. */
void callers_descriptors_close(void);

/* All that are ours but this one, and the standard ones; or fail. */
void our_descriptors_close(int but);

/* Nobody gets the caller's. */
void callers_descriptors_keep_from_programs(void);

/* Of this process none is left, whoever opened it, but the standard ones and `kept` (or -1). */
void descriptors_close_all_but(int kept);

/* With some bytes beside them, in one message. */
void descriptors_send(int socket, const char *text, size_t length, const int *fds, size_t count);

/* The same; false if whoever should have them has gone. */
bool descriptors_try_send(int socket, const char *text, size_t length, const int *fds,
                          size_t count);

/* Waits for what is sent, and stores up to MOST_SENT descriptors; how many, 0 if none came. */
size_t descriptors_receive(int socket, char *text, size_t length, int *fds);

/* The one that has been sent by now. */
bool descriptor_receive(int socket, int *fd);
