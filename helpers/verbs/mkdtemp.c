/* mkdtemp — a new work directory in the store, which is swept when the session is over. */
#include <stdio.h>

#include "base/answer.h"
#include "base/options.h"
#include "store/layout.h"
#include "store/workdir.h"
#include "verbs/verbs.h"

int verb_mkdtemp(int argc, char **argv) {
    words_read(argc, argv, NULL, 0, 0);
    struct store s = store_made();
    puts(workdir_of_session(&s));
    answer_is_out();
    return 0;
}
