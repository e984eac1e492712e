#include "base/events.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

int status_fd = -1;

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

/* The length of the well-formed UTF-8 sequence at `s`, 0 if there is none. */
static size_t utf8_length(const unsigned char *s) {
    size_t n = s[0] < 0x80                    ? 1
               : s[0] >= 0xc2 && s[0] <= 0xdf ? 2
               : (s[0] & 0xf0) == 0xe0        ? 3
               : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                              : 0;
    for (size_t i = 1; i < n; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0; /* overlong, a surrogate, or beyond Unicode */
    return n;
}

static void add_string(struct json *j, const char *value) {
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

char *json_string(const char *value) {
    struct json j;
    char *all = must_copy("\"");
    for (const unsigned char *s = (const unsigned char *)value; *s;) {
        char piece[512]; /* a string of any length, in pieces that a struct json holds */
        size_t n = strnlen((const char *)s, sizeof piece - 1);
        while (s[n] && n > 1 && (s[n] & 0xc0) == 0x80) /* not in the middle of a character */
            n--;
        memcpy(piece, s, n);
        piece[n] = 0;
        j.length = 0;
        add_string(&j, piece);
        char *more = must_print("%s%.*s", all, (int)j.length - 2, j.text + 1);
        free(all);
        all = more;
        s += n;
    }
    char *whole = must_print("%s\"", all);
    free(all);
    return whole;
}

static void add_key(struct json *j, const char *key) {
    if (j->comma)
        add(j, ",", 1);
    j->comma = true;
    add_string(j, key);
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
    add_string(j, value);
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

void json_answer(struct json *j) {
    if (!json_write(j, STDOUT_FILENO))
        must(-1, "write to", "standard output");
}

void answer_is_out(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    if (errno == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    must(-1, "write to", "standard output");
}

void answer_image(const char *id) {
    if (printf("%s\n", id) > 0 && fflush(stdout) == 0)
        return;
    refuse("image %s was made, but its id could not be written to standard output: %s", id,
           strerror(errno));
}

void event_open(struct json *j, const char *ev) {
    json_open(j);
    json_text(j, "ev", ev);
}

void event_send(struct json *j) {
    if (status_fd >= 0)
        json_write(j, status_fd); /* without a reader, what we do goes on */
}
