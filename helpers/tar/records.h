/* The records of pax extended headers (POSIX.1-2001): "LENGTH KEY=VALUE\n" again and again. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <time.h>

enum { MOST_HEADER = 1 << 20 }; /* bytes of records, or of a long name */

struct record {
    const char *key, *value; /* both end with NUL; a value may hold others */
    size_t size;             /* of the value */
};

struct records {
    char *text; /* MOST_HEADER + 1 bytes */
    size_t length;
    struct record *list;
    size_t count, room;
};

/* Forget all records, and find those in the first `length` bytes of `text`. */
void records_read(struct records *r, size_t length);

/* Parse the value as a decimal number, or as a time; fail if it is none. */
uint64_t record_number(const struct record *r);
struct timespec record_time(const struct record *r);
