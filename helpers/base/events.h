/* What programs are told: JSON lines on --status-fd, one write(2) each. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern int status_fd; /* -1: nobody listens */

/* A small JSON writer over a fixed buffer. What does not fit is cut at a whole value,
 * never in the middle of an escape. Bytes that are not UTF-8 become the lone surrogates
 * that Python's surrogateescape turns back into the same bytes. */
struct json {
    char text[4096];
    size_t length;
    bool comma;
};

void json_open(struct json *j);
void json_text(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_raw(struct json *j, const char *key, const char *value); /* ready JSON */
void json_close(struct json *j);                                   /* and a newline */
bool json_write(struct json *j, int fd);                           /* closes it, newline */
void json_answer(struct json *j);                                  /* to standard output, or fail */

/* A JSON string of any length, quotes included. */
char *json_string(const char *value);

/* The id of a new image, as the answer. It has no name yet, and is found by nothing else. */
void answer_image(const char *id);

/* What was printed on standard output has got there, or fail. */
void answer_is_out(void);

/* {"ev":EV to begin with. */
void event_open(struct json *j, const char *ev);
void event_send(struct json *j);
