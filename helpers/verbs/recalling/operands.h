/* The operands and options of a verb, parsed from its synopsis: "build ID [CMD ...]". */
#pragma once

#include <stdbool.h>

enum { MOST_KINDS = 8, MOST_VALUED = 32 };

struct syntax {
    const char *kinds[MOST_KINDS]; /* of the operands in order: "ID", "CMD" */
    int count;
    bool many;                       /* the last may be repeated */
    const char *valued[MOST_VALUED]; /* options that take a word of their own */
    const char *values[MOST_VALUED]; /* what that is: "ANCESTOR", "SIZE" */
    int valued_count;
};

struct syntax syntax_of(const char *usage);

/* Whether a kind of operand, or of an option's value, is an image of the store. */
bool is_an_image(const char *kind);

/* Return what an option takes, or NULL. */
const char *value_of_option(const struct syntax *s, const char *option);

/* Return the index of the first operand in `words`, from `at` on. */
int operand_after_options(const struct syntax *s, char **words, int at);
