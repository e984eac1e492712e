/* The words of a verb: options and operands. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* From whom to know how a verb is used: "build ID [CMD ...]"; NULL where that is not known. */
void usage_from(const char *(*words)(const char *verb));
/* Ends with how the verb is used, and status 1; of those for programs, 2. */
_Noreturn void usage_of(const char *verb);

/* An option, and where what is said goes: one of these. */
struct option {
    const char *name;
    bool *flag;
    const char **text;
    uint64_t *number;
    int *descriptor;
    struct list {
        const char **words;
        int count;
    } * list; /* given again, it is one more */
};

/* The options of a verb, of which the last has no name; NULL: none. All take --status-fd,
 * --lifeline-fd and --lock-fd. Returns where the operands begin. Anything that is not like that, or
 * less or more operands (-1: any number), is an error with the status of usage_of. */
int words_read(int argc, char **argv, const struct option *known, int least, int most);

/* An operand that is a path. An empty one, most often a variable that is not set, would be taken
 * for the working directory. */
const char *operand_path(const char *word);

/* --lifeline-fd, see process/lifeline.h; -1: none. */
extern int lifeline_fd;
/* --lock-fd: the caller's own lock on the work directory; -1: none. */
extern int lock_fd;
/* --overlay-tier, see mount/overlay.c: tests force the ways of older kernels. 1: the newest. */
extern int overlay_first_tier;
