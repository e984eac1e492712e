/* The words of the caller, as app.conf declares them, and what becomes of them: variables, binds,
 * the instance, the place of the output, the command. See FORMAT.md. */
#pragma once

#include "onefile/conf.h"

struct words {
    struct list variables; /* NAME=VALUE, in the order in which they are set */
    struct list shared;    /* HOST:PLACE[:ro], as of -v */
    const char *instance;  /* "web", with % filled in */
    const char *id;        /* NAME.INSTANCE */
    bool collects;         /* /out; into `output` */
    const char *output;
    char **command;
};

/* Read them, or fail with status 2. `called` is how the app was called. */
struct words words_of_app(const struct conf *c, const char *called, char **words);

/* Print what the app may be called with. */
void words_explain(const struct conf *c, const char *called);
