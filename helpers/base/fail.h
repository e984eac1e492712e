/* How everything fails: one line that names the step, the thing, the reason and, where
 * there is one, the remedy; then the process ends. With PLASH_DEBUG set the line ends with the
 * place in the sources that noticed the failure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct failure {
    const char *step;   /* "cannot STEP THING": "open", "mount the overlay of" */
    const char *thing;  /* a path, an id; NULL if the step says it all */
    int error;          /* an errno; 0 if `reason` says it all */
    const char *reason; /* instead of strerror(error), or NULL */
    const char *remedy; /* a sentence without a full stop, or NULL */
    const char *hint;   /* a word for programs, only on --status-fd, or NULL */
};

extern int exit_status_of_failure; /* 1; verbs for programs may choose another */
extern bool errors_name_places;    /* PLASH_DEBUG was set when the program started */

/* The line of code that calls, "store/store.c:12". */
#define PLACE __FILE__ ":" PLACE_TEXT(__LINE__)
#define PLACE_TEXT(line) PLACE_DIGITS(line)
#define PLACE_DIGITS(line) #line

/* Report a failure, and end the process. */
#define fail(...) fail_at(PLACE, __VA_ARGS__)
_Noreturn void fail_at(const char *place, struct failure f);

/* The same for a message that is one sentence: `plash error: ` and the formatted words. */
#define refuse(...) refuse_at(PLACE, __VA_ARGS__)
_Noreturn void refuse_at(const char *place, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Print the line that `refuse` prints, and return. */
#define complain(...) complain_at(PLACE, __VA_ARGS__)
void complain_at(const char *place, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Set what this process does first when it fails, to leave nothing half made; NULL: nothing.
 * Children do not inherit it. */
void on_failure(void (*undo)(void));

/* Set what gives the remedy when this process fails because the disk is full. */
void on_full_disk(const char *(*advice)(void));

/* Tell the person something in one line, `plash: ` and the formatted words. */
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line of an error up to its reason, which the caller appends:
 * "plash error: cannot STEP THING: ". */
char *error_begins(const char *step, const char *thing);

/* Reject a wrong command line: print `usage: plash WORDS` and end with `status`, which
 * differs between verbs for people and for programs. */
_Noreturn void usage(const char *words, int status);

/* Return the result of a call that must not fail; fail with its errno if it has. */
#define must(...) must_at(PLACE, __VA_ARGS__)
#define must_have(...) must_have_at(PLACE, __VA_ARGS__)

/* Allocate memory, or fail. It is freed before exec or exit only where a walk over a tree
 * needs it back. */
void *must_allocate(size_t count, size_t size);
char *must_copy(const char *text);
char *must_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#include <errno.h>

static inline int must_at(const char *place, int result, const char *step, const char *thing) {
    if (result < 0)
        fail_at(place, (struct failure){.step = step, .thing = thing, .error = errno});
    return result;
}

static inline void *must_have_at(const char *place, void *pointer, const char *step,
                                 const char *thing) {
    must_at(place, pointer ? 0 : -1, step, thing);
    return pointer;
}
