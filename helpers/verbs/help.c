/* help — how a verb is used. */
#include <stdio.h>
#include <string.h>

#include "base/answer.h"
#include "process/python_handover.h"
#include "verbs/verbs.h"

int verb_help(int argc, char **argv) {
    const struct verb *v = argc < 2 ? NULL : verb_find(argv[1]);
    if (argc < 2) {
        hand_over_if_there(argv - 1); /* plashui lists the verbs of both */
        verbs_list(
            "usage: plash VERB [WORDS...]\n\nAn ID is an image's number or a name given to it.\n",
            false);
        printf("\nEvery other verb is done by plashui, which is missing here: install it again.\n"
               "`plash help VERB` tells more about one. With PLASH_DEBUG=1 in the environment an\n"
               "error also names its file and line in the sources.\n");
    } else if (!strcmp(argv[1], "engine")) {
        verbs_list(
            "Verbs for programs. All take --status-fd N (to report in JSON lines) and\n"
            "--lifeline-fd N (when that pipe is closed, the work ends). With PLASH_DEBUG=1 in\n"
            "the environment an error also names its file and line in the sources.\n",
            true);
    } else if (v && v->text) {
        printf("usage: plash %s\n\n%s\n", v->words, v->text);
    } else {
        hand_over(argv - 1); /* "plash help VERB" */
    }
    answer_is_out();
    return 0;
}
