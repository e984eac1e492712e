/* recall and do — a verb with the image that this session had last. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/options.h"
#include "store/session_memory.h"
#include "verbs/recalling/cache.h"
#include "verbs/recalling/calling.h"
#include "verbs/recalling/operands.h"
#include "verbs/recalling/recipe_stamp.h"
#include "verbs/verbs.h"

static bool is_before_a_verb(const char *verb) {
    return !strcmp(verb, "recall") || !strcmp(verb, "cache") || !strcmp(verb, "do");
}

/* Whether the words name an image already: they are as many as the verb takes; or the next one
 * begins a command, or names more images, and is the number of an image. */
static bool have_an_image(const struct store *s, const struct syntax *y, char **words, int at) {
    int given = 0;
    while (words[at + given])
        given++;
    struct image image;
    if (!y->many)
        return given >= y->count;
    bool free = y->count == 1 || !strcmp(y->kinds[1], "CMD");
    return free && given && is_id(words[at]) && s->fd >= 0 && image_find(s, words[at], &image);
}

/* Insert the session's image where the verb expects one. Not for `restore`, whose operand is not an
 * image until it is back. */
static char **with_last(const struct store *s, char **words) {
    const char *usage = verb_usage(words[0]);
    struct syntax y = syntax_of(usage ? usage : "");
    if (!y.count || strcmp(y.kinds[0], "ID") != 0 || !strcmp(words[0], "restore") ||
        recipe_is(words))
        return words;
    int at = operand_after_options(&y, words, 1), n = 0;
    if (have_an_image(s, &y, words, at))
        return words;
    while (words[n])
        n++;
    char **line = must_allocate((size_t)n + 2, sizeof *line);
    memcpy(line, words, (size_t)at * sizeof *line);
    line[at] = must_copy(memory_last(s).id);
    memcpy(line + at + 1, words + at, (size_t)(n - at) * sizeof *line);
    return line;
}

static int remembering(char **words, char *make(const struct store *s, char **words)) {
    struct store s = store_here();
    char **line = with_last(&s, words);
    if (!verb_makes(line[0]))
        return call_verb(line);
    char *id = make(&s, line);
    s = store_here(); /* the verb may have made it */
    memory_set_last(&s, id);
    answer_image(id);
    return 0;
}

static char *made_anew(const struct store *s, char **words) {
    (void)s;
    return image_of_verb(words);
}

int verb_recall(int argc, char **argv) {
    if (argc > 1) {
        argv[1] = must_copy(verb_called(argv[1]));
        return is_before_a_verb(argv[1]) ? verb_do(argc, argv) : remembering(argv + 1, made_anew);
    }
    struct store s = store_here();
    puts(memory_last(&s).id);
    answer_is_out();
    return 0;
}

int verb_do(int argc, char **argv) {
    char **words = argv + 1;
    while (*words && is_before_a_verb(words[0] = must_copy(verb_called(words[0]))))
        words++;
    if (argc < 2 || !*words)
        usage_of("do");
    return remembering(words, image_from_cache);
}

int verb_cache(int argc, char **argv) {
    if (argc < 2)
        usage_of("cache");
    argv[1] = must_copy(verb_called(argv[1]));
    if (is_before_a_verb(argv[1]))
        return verb_do(argc, argv);
    struct store s = store_here();
    answer_image(image_from_cache(&s, argv + 1));
    return 0;
}
