/* A small JSON writer over a fixed buffer. A string that does not fit is cut between two
 * characters, and a value that finds no room at all is left out. Bytes that are not UTF-8 become
 * the lone surrogates that Python's surrogateescape turns back into the same bytes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct json {
    char text[4096];
    size_t length;
    bool comma;
};

void json_open(struct json *j);
void json_value(struct json *j, const char *value); /* a string without a key */
void json_text(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_raw(struct json *j, const char *key, const char *value); /* ready JSON */
void json_close(struct json *j);                                   /* and a newline */
bool json_write(struct json *j, int fd);                           /* closes it, newline */
