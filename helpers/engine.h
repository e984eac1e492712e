/* What the verbs have in common. */
#pragma once

extern int lifeline_fd; /* -1: none */

/* --status-fd N and --lifeline-fd N at argv[*at]; moves on if it was one of them. */
int common_option(int argc, char **argv, int *at);

/* The number a word stands for, a small one, or of a descriptor that is open; or status 2. */
int option_number(const char *option, const char *word);
int option_descriptor(const char *option, const char *word);

/* Of the verbs for programs; an unknown option ends with status 2. Pointers that are NULL
 * stand for options the verb does not have. Returns where the operands begin. */
int engine_options(int argc, char **argv, int *threads, const char **take, const char **at,
                   const char **upper);

/* A thread that ends the process when the lifeline does. Not for verbs with children. */
void watch_lifeline(void);
/* From here on it does not: what comes next is the end of the work, or says how it went. */
void finish_watching(void);

/* Every verb: argv[0] is its name. Returns the exit status. */
typedef int verb_function(int argc, char **argv);
verb_function verb_run, verb_run_persist, verb_mounted, verb_chroot, verb_sudo, verb_data,
    verb_nodepath, verb_parent, verb_id, verb_version, verb_help, verb_engine_probe,
    verb_engine_extract, verb_engine_usage, verb_engine_remove, verb_engine_commit,
    verb_engine_with, verb_engine_guard, verb_engine_users, verb_mount, verb_umount,
    verb_engine_mountfd, verb_engine_list, verb_engine_read, verb_engine_gather;
