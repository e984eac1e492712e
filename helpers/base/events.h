/* Events for programs: JSON lines on --status-fd, one write(2) each. */
#pragma once

#include "base/json.h"

extern int status_fd; /* -1: not given */

/* Begin an event: {"ev":EV. */
void event_open(struct json *j, const char *ev);
void event_send(struct json *j);
