#include "base/quote.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

static const char PLAIN[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";

static char *quoted(const char *word) {
    if (*word && !word[strspn(word, PLAIN)])
        return must_copy(word);
    char *all = must_allocate(5 * strlen(word) + 3, 1), *at = all;
    *at++ = '\'';
    for (; *word; word++) {
        if (*word == '\'')
            at = stpcpy(at, "'\"'\"'");
        else
            *at++ = *word;
    }
    *at = '\'';
    return all;
}

char *words_quoted(char **words) {
    size_t length = 1;
    for (char **word = words; *word; word++)
        length += 5 * strlen(*word) + 3;
    char *all = must_allocate(length, 1), *at = all;
    for (char **word = words; *word; word++) {
        char *one = quoted(*word);
        if (word > words)
            *at++ = ' ';
        at = stpcpy(at, one);
        free(one);
    }
    return all;
}
