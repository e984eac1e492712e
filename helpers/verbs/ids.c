/* id parent nodepath data version — a question with one word for an answer. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/options.h"
#include "process/exec.h"
#include "process/inherited.h"
#include "store/layout.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

static int say(const char *line) {
    puts(line);
    answer_is_out();
    return 0;
}

int verb_version(int argc, char **argv) {
    words_read(argc, argv, NULL, 0, 0);
    return say(PLASH_VERSION);
}

int verb_id(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    struct store s = store_here();
    return say(image_named(&s, argv[at]).id);
}

int verb_parent(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    struct store s = store_here();
    struct image image = image_named(&s, argv[at]);
    if (!strcmp(image.id, "0"))
        refuse("image 0 has no parent");
    *strrchr(image.place, '/') = 0;
    return say(strrchr(image.place, '/') + 1);
}

int verb_nodepath(int argc, char **argv) {
    bool allow_0 = false;
    const char *word = NULL;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--allow-0") || !strcmp(argv[i], "--allow-root-container"))
            allow_0 = true;
        else if (!word)
            word = argv[i];
        else
            usage_of(argv[0]);
    }
    if (!word)
        usage_of(argv[0]);
    struct store s = store_here();
    if (s.fd < 0 && allow_0 && !strcmp(word, "0"))
        s = store_made();
    struct image image = allow_0 ? image_named(&s, word) : image_with_files(&s, word);
    return say(must_print("%s/%s", s.path, image.place));
}

int verb_data(int argc, char **argv) {
    if (argc == 1)
        return say(store_place());
    struct store s = store_here();
    if (s.fd < 0)
        s = store_made();
    must(chdir(s.path), "enter the store", s.path);
    userns_try(0); /* files there may belong to subordinate ids */
    behave_like_a_program();
    become(argv + 1, environ);
}
