/* help — how a verb is used. */
#include <stdio.h>
#include <string.h>

#include "base/answer.h"
#include "process/python_handover.h"
#include "verbs/verbs.h"

int verb_help(int argc, char **argv) {
    const struct verb *v = argc < 2 ? NULL : verb_find(argv[1]);
    if (argc < 2) {
        hand_over_if_there(argv - 1); /* it has the list of all verbs */
        verbs_list(
            "usage: plash VERB [WORDS...]\n\nAn ID is an image's number or a name given to it.\n",
            false);
        printf("\nEvery other verb is done by plashui, which is missing here: install it again.\n"
               "`plash help VERB` tells more about one.\n");
    } else if (!strcmp(argv[1], "engine")) {
        verbs_list("Verbs for programs. All take --status-fd N (JSON lines) and --lifeline-fd N\n"
                   "(its end ends the work).\n",
                   true);
    } else if (v && v->text) {
        printf("usage: plash %s\n\n%s\n", v->words, v->text);
    } else {
        hand_over(argv - 1); /* "plash help VERB" */
    }
    answer_is_out();
    return 0;
}
