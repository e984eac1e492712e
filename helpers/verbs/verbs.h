/* The verbs of the command line. */
#pragma once

#include <stdbool.h>

/* A verb: argv[0] is its name. Returns the exit status. */
typedef int verb_function(int argc, char **argv);
verb_function verb_run, verb_run_persist, verb_run_folder, verb_mounted, verb_chroot, verb_sudo,
    verb_data, verb_nodepath, verb_parent, verb_id, verb_version, verb_help, verb_engine_probe,
    verb_engine_extract, verb_engine_lz4, verb_engine_pack, verb_engine_pack_image,
    verb_engine_usage, verb_engine_remove, verb_engine_commit, verb_engine_sudo, verb_engine_with,
    verb_engine_guard, verb_engine_users, verb_mount, verb_umount, verb_engine_mountfd,
    verb_engine_list, verb_engine_account, verb_engine_read, verb_engine_gather, verb_init,
    verb_pull_tarfile, verb_push_tarfile, verb_mkdtemp, verb_map, verb_stack, verb_check,
    verb_recall, verb_cache, verb_do, verb_build, verb_rm, verb_clean, verb_push_dir,
    verb_engine_pack_layer, verb_engine_sweep, verb_engine_split;

/* A verb that this program does itself. */
struct verb {
    const char *name;
    verb_function *function;
    /* Without words: an old name of the verb `text`. Without text: plashui prints the help. */
    const char *words, *text;
};
extern const struct verb verb_table[]; /* in table.c; the last has no name */

/* Set the table for the functions below. */
void verbs_are(const struct verb *table);

const struct verb *verb_find(const char *name);
verb_function *verb_named(const char *name); /* or NULL */
const char *verb_called(const char *name);   /* its name of today */
/* The synopsis of a verb, also of one of plashui: "build ID [CMD ...]"; NULL: unknown. */
const char *verb_usage(const char *name);
bool verb_makes(const char *name); /* whether it prints the id of an image */

/* Print the synopsis of each verb of one kind. */
void verbs_list(const char *title, bool for_programs);
