#include "base/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/utf8.h"

static void add(struct json *j, const char *text, size_t n) {
    /* Room is kept for a closing quote, bracket and newline. */
    if (j->length + n + 4 > sizeof j->text)
        return;
    memcpy(j->text + j->length, text, n);
    j->length += n;
}

static void add_words(struct json *j, const char *text) {
    add(j, text, strlen(text));
}

void json_value(struct json *j, const char *value) {
    const unsigned char *s = (const unsigned char *)value;
    add(j, "\"", 1);
    while (*s && j->length + 16 < sizeof j->text) {
        size_t n = utf8_length(s);
        char escape[8];
        if (n == 1 && (*s == '"' || *s == '\\')) {
            snprintf(escape, sizeof escape, "\\%c", *s);
            add_words(j, escape);
        } else if (n == 0 || (n == 1 && (*s < ' ' || *s == 0x7f))) {
            snprintf(escape, sizeof escape, n ? "\\u%04x" : "\\udc%02x", *s);
            add_words(j, escape);
            n = 1;
        } else {
            add(j, (const char *)s, n);
        }
        s += n;
    }
    add(j, "\"", 1);
}

static void add_key(struct json *j, const char *key) {
    if (j->comma)
        add(j, ",", 1);
    j->comma = true;
    json_value(j, key);
    add(j, ":", 1);
}

void json_open(struct json *j) {
    j->length = 0;
    j->comma = false;
    add(j, "{", 1);
}

/* A value is only begun where a key and a few bytes still fit. */
static bool full(const struct json *j) {
    return j->length + 128 > sizeof j->text;
}

void json_text(struct json *j, const char *key, const char *value) {
    if (full(j))
        return;
    add_key(j, key);
    json_value(j, value);
}

void json_number(struct json *j, const char *key, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%" PRIu64, value);
    json_raw(j, key, digits);
}

void json_bool(struct json *j, const char *key, bool value) {
    json_raw(j, key, value ? "true" : "false");
}

void json_raw(struct json *j, const char *key, const char *value) {
    if (full(j) || j->length + strlen(value) + 64 > sizeof j->text)
        return;
    add_key(j, key);
    add_words(j, value);
}

void json_close(struct json *j) {
    j->text[j->length++] = '}';
    j->text[j->length++] = '\n';
}

bool json_write(struct json *j, int fd) {
    json_close(j);
    for (size_t done = 0; done < j->length;) {
        ssize_t n = write(fd, j->text + done, j->length - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        done += (size_t)n;
    }
    return true;
}
