/* Parsing the words after a verb: options and operands. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Set the function that returns a verb's synopsis, "build ID [CMD ...]", or NULL. */
void usage_from(const char *(*words)(const char *verb));
/* Print the verb's synopsis, and end with status 1; 2 for a verb for programs. */
_Noreturn void usage_of(const char *verb);

/* An option, and the variable that takes its value: one of these pointers is set. */
struct option {
    const char *name;
    bool *flag;
    const char **text;
    uint64_t *number;
    int *descriptor;
    struct list {
        const char **words;
        int count;
    } * list; /* may be given several times */
};

/* Parse the words of a verb and return the index of its first operand. `known` are its options (the
 * last has no name; NULL: none); --status-fd, --lifeline-fd and --lock-fd are always known. Another
 * option, or a wrong number of operands (`most` -1: no limit), is an error with the status of
 * usage_of. */
int words_read(int argc, char **argv, const struct option *known, int least, int most);

/* Check an operand that is a path. An empty one is an error: it is most often an unset variable,
 * and would mean the working directory. */
const char *operand_path(const char *word);

/* --lifeline-fd, see process/lifeline.h; -1: none. */
extern int lifeline_fd;
/* --lock-fd: the caller's own lock on the work directory; -1: none. */
extern int lock_fd;
/* --overlay-tier, see mount/overlay.c: tests force the ways for older kernels. 1: the newest. */
extern int overlay_first_tier;
