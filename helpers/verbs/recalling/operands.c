#include "verbs/recalling/operands.h"

#include <string.h>

#include "base/fail.h"

/* Of `run --isolate`, which its usage has no room for. */
static const char *const of_isolate[] = {"-v",         "-u",       "-e",     "-w",
                                         "--hostname", "--memory", "--pids", "--seccomp"};

static void add_valued(struct syntax *s, const char *option, const char *value) {
    if (s->valued_count == MOST_VALUED)
        return;
    s->valued[s->valued_count] = option;
    s->values[s->valued_count++] = value;
}

static void add_kind(struct syntax *s, const char *kind) {
    if (!strcmp(kind, "..."))
        s->many = true;
    else if (s->count < MOST_KINDS)
        s->kinds[s->count++] = kind;
}

/* A word of the usage, or a bracket. Moves on. */
static char *next_token(const char **at) {
    while (**at == ' ')
        ++*at;
    size_t n = **at == '[' || **at == ']' ? 1 : strcspn(*at, " []");
    char *token = n ? must_print("%.*s", (int)n, *at) : NULL;
    *at += n;
    return token;
}

/* Options stand in brackets, and their values behind them. */
struct syntax syntax_of(const char *usage) {
    struct syntax s = {0};
    const char *option_of[MOST_KINDS] = {NULL}, *at = usage + strcspn(usage, " ");
    int depth = 0;
    bool first = false;
    for (char *token; (token = next_token(&at)); first = *token == '[') {
        if (*token == '[') {
            if (depth < MOST_KINDS - 1)
                depth++;
            option_of[depth] = option_of[depth - 1];
        } else if (*token == ']') {
            depth -= depth > 0;
        } else if (first && *token == '-' && token[1]) {
            option_of[depth] = token;
            if (!strcmp(token, "--isolate"))
                for (size_t i = 0; i < sizeof of_isolate / sizeof *of_isolate; i++)
                    add_valued(&s, of_isolate[i], "VALUE");
        } else if (!option_of[depth]) {
            add_kind(&s, token);
        } else if (!first && strcmp(token, "...") != 0) {
            add_valued(&s, option_of[depth], token);
        }
    }
    return s;
}

bool is_an_image(const char *kind) {
    return !strcmp(kind, "ID") || !strcmp(kind, "ANCESTOR");
}

const char *value_of_option(const struct syntax *s, const char *option) {
    for (int i = 0; i < s->valued_count; i++)
        if (!strcmp(s->valued[i], option))
            return s->values[i];
    return NULL;
}

int operand_after_options(const struct syntax *s, char **words, int at) {
    while (words[at] && words[at][0] == '-' && words[at][1]) {
        bool value = value_of_option(s, words[at++]);
        if (value && words[at])
            at++;
    }
    return at;
}
