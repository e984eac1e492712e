/* map — get, set or delete the name of an image. */
#include <stdio.h>
#include <string.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/options.h"
#include "store/names.h"
#include "verbs/verbs.h"

/* Any word may be a name, also one that looks like an option: only the first words that are options
 * are, and --force only where a name and an image follow. */
static char **with_end_of_options(int *argc, char **argv) {
    int at = 1;
    while (at + 2 < *argc &&
           (!strcmp(argv[at], "--status-fd") || !strcmp(argv[at], "--lifeline-fd")))
        at += 2;
    if (*argc - at == 3 && !strcmp(argv[at], "--force"))
        at++;
    if (at < *argc && !strcmp(argv[at], "--"))
        return argv;
    char **words = must_allocate((size_t)*argc + 2, sizeof *words);
    memcpy(words, argv, (size_t)at * sizeof *words);
    words[at] = must_copy("--");
    memcpy(words + at + 1, argv + at, (size_t)(*argc - at) * sizeof *words);
    ++*argc;
    return words;
}

int verb_map(int argc, char **argv) {
    bool force = false;
    argv = with_end_of_options(&argc, argv);
    int at = words_read(argc, argv, (struct option[]){{"--force", .flag = &force}, {0}}, 1, 2);
    const char *name = argv[at], *word = argv[at + 1];
    struct store s = store_here();
    struct image image;
    if (!word) {
        if (name_read(&s, name, &image))
            puts(image.id);
        answer_is_out();
    } else if (!*word) {
        name_forget(&s, name);
    } else {
        name_give(&s, name, word, force);
    }
    return 0;
}
