/* What programs are told: JSON lines on --status-fd, one write(2) each. */
#pragma once

#include "base/json.h"

extern int status_fd; /* -1: nobody listens */

/* {"ev":EV to begin with. */
void event_open(struct json *j, const char *ev);
void event_send(struct json *j);
