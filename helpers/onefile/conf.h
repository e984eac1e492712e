/* app.conf: how an app is run. See FORMAT.md. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/options.h"
#include "store/image_config.h"

enum root { ROOT_OVERLAY, ROOT_COPY, ROOT_READ_ONLY };
enum kind { KIND_BIND, KIND_ENV, KIND_INSTANCE, KIND_OUTPUT };
enum type { TYPE_STR, TYPE_INT, TYPE_BOOL };

/* "Arg=-p:env>PORT:int" */
struct argument {
    const char *name; /* "-p" */
    enum kind kind;
    const char *parameter; /* "PORT", or "PLACE:ro" of a bind */
    enum type type;        /* of an env */
    bool is_option, is_flag;
};

/* "Set=PORT:int=80" */
struct setting {
    const char *name, *value;
    enum type type;
};

struct conf {
    struct runconf image;
    const char *name, *made_of;
    bool network, host_names; /* of the machine */
    enum root root;
    unsigned prompt; /* its colour; 0: none */
    struct argument *arguments;
    int argument_count;
    struct setting *settings;
    int setting_count;
    struct list binds; /* SOURCE:PLACE[:ro] */
};

/* Parse its bytes, which end with a NUL that does not count; or fail. The result points into them.
 */
struct conf conf_read(char *text, size_t length);

/* Whether the whole word is made of letters, digits and these others, and does not begin with a
 * digit if that is not allowed. */
bool is_word(const char *word, const char *others);
bool is_variable(const char *word);
