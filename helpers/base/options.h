/* What the verbs have in common. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Every verb: argv[0] is its name. Returns the exit status. */
typedef int verb_function(int argc, char **argv);
verb_function verb_run, verb_run_persist, verb_mounted, verb_chroot, verb_sudo, verb_data,
    verb_nodepath, verb_parent, verb_id, verb_version, verb_help, verb_engine_probe,
    verb_engine_extract, verb_engine_pack, verb_engine_pack_image, verb_engine_usage,
    verb_engine_remove, verb_engine_commit, verb_engine_sudo, verb_engine_with, verb_engine_guard,
    verb_engine_users, verb_mount, verb_umount, verb_engine_mountfd, verb_engine_list,
    verb_engine_read, verb_engine_gather, verb_init, verb_pull_tarfile, verb_push_tarfile,
    verb_mkdtemp, verb_map, verb_stack, verb_check, verb_recall, verb_cache, verb_do, verb_build,
    verb_rm, verb_clean, verb_push_dir;

verb_function *verb_named(const char *name); /* or NULL */
const char *verb_called(const char *name);   /* the same verb by its own name */
/* How any verb is used, also one of plashui's: "build ID [CMD ...]". NULL where that is not known.
 */
const char *verb_usage(const char *name);
bool verb_makes(const char *name); /* it prints the id of an image */
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

extern int lifeline_fd; /* -1: none */
extern int lock_fd;     /* the caller's own lock on the work directory; -1: none */
/* A thread that ends the process when the lifeline does. Not for verbs with children. */
void watch_lifeline(void);
/* From here on it does not: what comes next is the end of the work, or says how it went. */
void finish_watching(void);
