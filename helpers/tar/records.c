#include "tar/records.h"

#include <stdlib.h>
#include <string.h>

#include "tar/trouble.h"

static _Noreturn void damaged(void) {
    tar_refuse("it is damaged: an extended header cannot be read");
}

static void add(struct records *r, struct record record) {
    if (r->count == r->room) {
        r->room = r->room ? 2 * r->room : 16;
        r->list = must_have(realloc(r->list, r->room * sizeof *r->list), "allocate", "memory");
    }
    r->list[r->count++] = record;
}

/* Ends a record's key and value with NUL, in place. Returns the record after it. */
static char *read_one(struct records *r, char *begin, const char *end) {
    size_t length = 0;
    char *at = begin;
    while (at < end && *at >= '0' && *at <= '9' && length <= MOST_HEADER)
        length = length * 10 + (size_t)(*at++ - '0');
    if (at == end || *at != ' ' || length > (size_t)(end - begin) ||
        length < (size_t)(at + 1 - begin) + 2) /* "=" and the newline */
        damaged();
    char *key = at + 1, *last = begin + length - 1;
    char *value = memchr(key, '=', (size_t)(last - key));
    if (*last != '\n' || !value || value == key)
        damaged();
    *value++ = 0;
    *last = 0;
    if (strlen(key) != (size_t)(value - key) - 1)
        damaged();
    add(r, (struct record){key, value, (size_t)(last - value)});
    return begin + length;
}

void records_read(struct records *r, size_t length) {
    char *end = r->text + length;
    r->length = length;
    r->count = 0;
    for (char *at = r->text; at < end && *at;)
        at = read_one(r, at, end);
}

static _Noreturn void not_a_number(const struct record *r) {
    tar_refuse("it is damaged: %s is %.100s", r->key, r->value);
}

static uint64_t digits(const struct record *r, const char **at) {
    uint64_t value = 0;
    const char *p = *at;
    for (; *p >= '0' && *p <= '9'; p++) {
        if (value > (INT64_MAX - 9) / 10)
            not_a_number(r);
        value = value * 10 + (uint64_t)(*p - '0');
    }
    if (p == *at)
        not_a_number(r);
    *at = p;
    return value;
}

uint64_t record_number(const struct record *r) {
    const char *at = r->value;
    uint64_t value = digits(r, &at);
    if (at != r->value + r->size)
        not_a_number(r);
    return value;
}

struct timespec record_time(const struct record *r) {
    const char *at = r->value;
    bool before_1970 = *at == '-';
    at += before_1970;
    struct timespec when = {.tv_sec = (time_t)digits(r, &at)};
    if (*at == '.' || *at == ',')
        for (long unit = 100000000; *++at >= '0' && *at <= '9'; unit /= 10)
            when.tv_nsec += unit * (*at - '0');
    if (at != r->value + r->size)
        not_a_number(r);
    if (before_1970) {
        when.tv_sec = -when.tv_sec - (when.tv_nsec > 0);
        when.tv_nsec = when.tv_nsec ? 1000000000 - when.tv_nsec : 0;
    }
    return when;
}
