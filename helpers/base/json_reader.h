/* Reading JSON (RFC 8259): a text becomes a tree of values. */
#pragma once

enum json_kind {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_LIST,
    JSON_OBJECT
};

struct json_value {
    enum json_kind kind;
    const char *name, *text;         /* as a member of an object; of a string */
    struct json_value *first, *next; /* in a list or an object; beside it in one */
};

/* Parse a text; return NULL if it is not JSON, or too deep. Surrogates that stand for a byte
 * (json.h) become that byte; others that are alone, and NULs, become U+FFFD. */
struct json_value *json_read(const char *text);

/* Return the last member with this name; NULL if there is none, or it is null. */
const struct json_value *json_member(const struct json_value *object, const char *name);
