#include "base/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/events.h"
#include "base/utf8.h"

int exit_status_of_failure = 1;
bool errors_name_places;

/* The number of bytes of the character at `text`; 0 if it is not valid, or is a control character:
 * below the space, or U+0080 to U+009F, where U+009B means ESC and a bracket. */
static size_t shown(const unsigned char *text) {
    size_t length = utf8_length(text);
    bool control = (length == 1 && (*text < ' ' || *text == 0x7f)) ||
                   (length == 2 && text[0] == 0xc2 && text[1] < 0xa0);
    return control ? 0 : length;
}

struct line {
    char text[4096];
    size_t length;
};

/* Append `text`, with `?` for each byte that must not reach the terminal, such as the ESC in a
 * file name. */
static void add(struct line *l, const char *text) {
    for (size_t n; *text && l->length < sizeof l->text - 8; text += n ? n : 1) {
        n = shown((const unsigned char *)text);
        memcpy(l->text + l->length, n ? text : "?", n ? n : 1);
        l->length += n ? n : 1;
    }
}

/* Print a line by one write(2): lines of processes that share a terminal do not mix. */
static void say_line(const char *prefix, const char *text) {
    struct line l = {.length = strlen(prefix)};
    memcpy(l.text, prefix, l.length);
    add(&l, text);
    l.text[l.length++] = '\n';
    if (write(STDERR_FILENO, l.text, l.length) < 0)
        return; /* nobody to tell */
}

/* "EPERM"; "E1" where the libc does not have names (glibc before 2.32, musl). */
static const char *name_of_errno(int error) {
#ifdef __GLIBC_PREREQ /* musl's preprocessor knows no such words */
#if __GLIBC_PREREQ(2, 32)
    const char *name = strerrorname_np(error);
    if (name)
        return name;
#endif
#endif
    static char number[16];
    snprintf(number, sizeof number, "E%d", error);
    return number;
}

/* Red on a terminal with colours, unless the person does not want them (no-color.org). */
static const char *error_prefix(void) {
    const char *unwanted = getenv("NO_COLOR"), *kind = getenv("TERM");
    bool plain = (unwanted && *unwanted) || !kind || !strcmp(kind, "dumb");
    return plain || !isatty(STDERR_FILENO) ? "plash error: " : "\x1b[31mplash error:\x1b[m ";
}

static void (*undo)(void);
static pid_t undone_by;

void on_failure(void (*function)(void)) {
    undo = function;
    undone_by = getpid();
}

static const char *(*advice)(void);
static pid_t advised;

void on_full_disk(const char *(*function)(void)) {
    advice = function;
    advised = getpid();
}

/* Undo what is half made. `undo` is forgotten first: if it fails itself, it is not called again. */
static void fall_back(void) {
    void (*function)(void) = undo;
    undo = NULL;
    if (function && undone_by == getpid())
        function();
}

char *error_begins(const char *step, const char *thing) {
    struct line l = {0};
    add(&l, thing);
    return must_print("%scannot %s %.*s: ", error_prefix(), step, (int)l.length, l.text);
}

/* Print an error, and the line of code that called if that is wanted. */
static void say_error(const char *place, const char *text) {
    const char *slash = strrchr(place, '/');
    char line[4000];
    snprintf(line, sizeof line, "%s [%s]", text, slash ? slash + 1 : place);
    say_line(error_prefix(), errors_name_places ? line : text);
}

void fail_at(const char *place, struct failure f) {
    if (f.error == ENOSYS && !f.remedy)
        f.remedy = "Linux 5.12 and newer can";
    if ((f.error == ENOSPC || f.error == EDQUOT) && !f.remedy && advice && advised == getpid())
        f.remedy = advice();
    const char *reason = f.reason ? f.reason : strerror(f.error);
    char text[3500];
    snprintf(text, sizeof text, "cannot %s%s%.2000s: %s%s%s", f.step, f.thing ? " " : "",
             f.thing ? f.thing : "", reason, f.remedy ? ". " : "", f.remedy ? f.remedy : "");

    struct json j;
    event_open(&j, "error");
    json_text(&j, "op", f.step);
    if (f.error)
        json_text(&j, "errno", name_of_errno(f.error));
    if (f.thing)
        json_text(&j, "path", f.thing);
    json_text(&j, "why", reason);
    if (f.hint)
        json_text(&j, "hint", f.hint);
    event_send(&j);

    say_error(place, text);
    fall_back();
    _exit(exit_status_of_failure);
}

__attribute__((format(printf, 2, 0))) static void report(const char *place, const char *format,
                                                         va_list arguments) {
    char text[3500];
    vsnprintf(text, sizeof text, format, arguments);
    struct json j;
    event_open(&j, "error");
    json_text(&j, "why", text);
    event_send(&j);
    say_error(place, text);
}

void complain_at(const char *place, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(place, format, arguments);
    va_end(arguments);
}

void refuse_at(const char *place, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    report(place, format, arguments);
    va_end(arguments);
    fall_back();
    _exit(exit_status_of_failure);
}

void remark(const char *format, ...) {
    char text[3500];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    say_line("plash: ", text);
}

void usage(const char *words, int status) {
    say_line("usage: plash ", words);
    _exit(status);
}

void *must_allocate(size_t count, size_t size) {
    void *memory = calloc(count, size);
    if (!memory)
        fail((struct failure){.step = "allocate memory", .error = ENOMEM});
    return memory;
}

char *must_copy(const char *text) {
    size_t n = strlen(text) + 1;
    return memcpy(must_allocate(1, n), text, n);
}

char *must_print(const char *format, ...) {
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int n = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (n < 0)
        fail((struct failure){.step = "allocate memory", .error = ENOMEM});
    return text;
}

#ifdef __SANITIZE_ADDRESS__
/* Memory is not freed before exec or exit; that is not a leak. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}
#endif
