/* How everything fails: one line that names the step, the thing, the reason and, where
 * there is one, the remedy; then the process ends. Nothing here returns. */
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

_Noreturn void fail(struct failure f);

/* `plash error: ` and the formatted words. */
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same line, but we go on. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What this process does first when it fails, to leave nothing half made; NULL: nothing. Children
 * do not inherit it. */
void on_failure(void (*undo)(void));

/* What gives the remedy of a failure of this process for want of room on the disk. */
void on_full_disk(const char *(*advice)(void));

/* One line for the person, where all goes on. */
void remark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The line of an error up to its reason, for somebody else to end: "plash error: cannot STEP THING:
 * ". */
char *error_begins(const char *step, const char *thing);

/* For what was typed wrongly: `usage: plash WORDS` and the status that the verb's
 * kind has for it. */
_Noreturn void usage(const char *words, int status);

/* The result of a call that must not fail; errno is still the call's own. */
static inline int must(int result, const char *step, const char *thing);
static inline void *must_have(void *pointer, const char *step, const char *thing);

/* Memory that is there; nothing allocated is ever freed before exec or exit unless
 * a walk over a tree needs it back. */
void *must_allocate(size_t count, size_t size);
char *must_copy(const char *text);
char *must_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#include <errno.h>

static inline int must(int result, const char *step, const char *thing) {
    if (result < 0)
        fail((struct failure){.step = step, .thing = thing, .error = errno});
    return result;
}

static inline void *must_have(void *pointer, const char *step, const char *thing) {
    must(pointer ? 0 : -1, step, thing);
    return pointer;
}
