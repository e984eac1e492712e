/* Open descriptors, sent to another process over a socket (SCM_RIGHTS). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { MOST_SENT = 4 };

/* With some bytes beside them, in one message. */
void descriptors_send(int socket, const char *text, size_t length, const int *fds, size_t count);

/* The one that has been sent by now. */
bool descriptor_receive(int socket, int *fd);
