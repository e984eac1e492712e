#include "base/options.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/events.h"
#include "base/fail.h"

int lifeline_fd = -1, lock_fd = -1, overlay_first_tier = 1;

static const char *(*usage_words)(const char *verb);

void usage_from(const char *(*words)(const char *verb)) {
    usage_words = words;
}

static bool for_programs(const char *verb) {
    return !strncmp(verb, "engine:", 7);
}

void usage_of(const char *verb) {
    const char *words = usage_words ? usage_words(verb) : NULL;
    usage(words ? words : verb, for_programs(verb) ? 2 : 1);
}

static uint64_t number_of(const struct option *o, const char *word) {
    errno = 0;
    uint64_t n = strspn(word, "0123456789") == strlen(word) ? strtoull(word, NULL, 10) : UINT64_MAX;
    if (!*word || errno || n > INT64_MAX)
        refuse("%s wants a number", o->name);
    return n;
}

static void take(const struct option *o, const char *word, int argc) {
    if (o->text) {
        *o->text = word;
    } else if (o->number) {
        *o->number = number_of(o, word);
    } else if (o->descriptor) {
        uint64_t n = number_of(o, word);
        *o->descriptor = n > INT32_MAX ? -1 : (int)n;
        if (fcntl(*o->descriptor, F_SETFD, FD_CLOEXEC) < 0)
            refuse("%s %s: no such descriptor is open", o->name, word);
    } else {
        if (!o->list->words) /* there are fewer than words */
            o->list->words = must_allocate((size_t)argc, sizeof *o->list->words);
        o->list->words[o->list->count++] = word;
    }
}

static const struct option *find(const struct option *known, const char *name) {
    while (known && known->name && strcmp(known->name, name) != 0)
        known++;
    return known && known->name ? known : NULL;
}

int words_read(int argc, char **argv, const struct option *known, int least, int most) {
    uint64_t tier = 0; /* for tests: the way of an older kernel */
    const struct option common[] = {{"--status-fd", .descriptor = &status_fd},
                                    {"--lifeline-fd", .descriptor = &lifeline_fd},
                                    {"--lock-fd", .descriptor = &lock_fd},
                                    {"--overlay-tier", .number = &tier},
                                    {0}};
    int at = 1, usual = exit_status_of_failure;
    if (for_programs(argv[0]))
        exit_status_of_failure = 2;
    for (; at < argc && argv[at][0] == '-' && argv[at][1]; at++) {
        if (!strcmp(argv[at], "--")) {
            at++;
            break;
        }
        const struct option *o = find(common, argv[at]);
        if (!o && !(o = find(known, argv[at])))
            refuse("%s has no option %s. See `plash help %s`", argv[0], argv[at], argv[0]);
        if (o->flag)
            *o->flag = true;
        else if (at + 1 == argc)
            refuse("%s wants a value after it", argv[at]);
        else
            take(o, argv[++at], argc);
    }
    if (tier)
        overlay_first_tier = (int)tier;
    if (argc - at < least || (most >= 0 && argc - at > most))
        usage_of(argv[0]);
    exit_status_of_failure = usual;
    return at;
}

const char *operand_path(const char *word) {
    if (!*word)
        refuse("an empty word is not a path. Is a variable unset?");
    return word;
}
