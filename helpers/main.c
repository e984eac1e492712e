/* plash — layered root filesystems: the verbs that need the kernel.
 *
 * plashui, installed beside this program, does everything else. */
#include <string.h>

#include "base/fail.h"
#include "process/inherited.h"
#include "process/python_handover.h"
#include "verbs/recalling/recipe_stamp.h"
#include "verbs/verbs.h"

int main(int argc, char **argv) {
    program_begins("plash");
    if (argc < 2)
        usage("VERB [WORDS...]   (plash help)", 1);
    verbs_are(verb_table);
    const char *verb = argv[1];
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h"))
        verb = "help";
    if (!strcmp(verb, "--version") || !strcmp(verb, "-V"))
        verb = "version";
    verb_function *function = verb_named(verb);
    if (function && argc == 3 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))) {
        argv[2] = argv[1]; /* as if it were "help VERB" */
        argv[1] = must_copy("help");
        return verb_help(2, argv + 1);
    }
    if (function)
        return function(argc - 1, argv + 1);
    recipe_try(argc, argv);
    hand_over(argv);
}
