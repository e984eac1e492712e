#include "onefile/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/fail.h"

enum { MOST_WORDS = 100000, LONGEST_INSTANCE = 255, RANDOM_LETTERS = 12 };

struct reading {
    const struct conf *conf;
    struct words *to;
    const char *called;
    const char **values; /* of the arguments; NULL: not given */
    int operands;        /* of those that are declared, how many were given */
};

static void add(struct list *l, const char *word) {
    if ((l->count & (l->count - 1)) == 0) { /* full: a power of two, or nothing */
        size_t room = l->count ? 2 * (size_t)l->count : 1;
        l->words = must_have(realloc(l->words, room * sizeof *l->words), "read", "the words");
    }
    l->words[l->count++] = word;
}

/* ---- what a value means */

static bool one_of(const char *word, const char *const *words) {
    while (*words && strcmp(word, *words) != 0)
        words++;
    return *words;
}

static const char *typed(enum type type, const char *what, const char *value) {
    static const char *const yes[] = {"true", "1", "yes", NULL};
    static const char *const no[] = {"false", "0", "no", "", NULL};
    const char *digits = value + (*value == '-');
    if (type == TYPE_INT && (!*digits || digits[strspn(digits, "0123456789")]))
        refuse("%s must be a whole number, not: %s", what, value);
    if (type != TYPE_BOOL)
        return value;
    if (!one_of(value, yes) && !one_of(value, no))
        refuse("%s must be true, 1, yes, false, 0, no or empty, not: %s", what, value);
    return one_of(value, yes) ? "1" : "0";
}

static void set(struct reading *r, const char *name, enum type type, const char *what,
                const char *value) {
    add(&r->to->variables, must_print("%s=%s", name, typed(type, what, value)));
}

/* The last of the variables that were set, or NULL. */
static const char *variable(const struct reading *r, const char *name) {
    size_t n = strlen(name);
    for (int i = r->to->variables.count; i-- > 0;)
        if (!strncmp(r->to->variables.words[i], name, n) && r->to->variables.words[i][n] == '=')
            return r->to->variables.words[i] + n + 1;
    return NULL;
}

/* The argument NAME, -NAME or --NAME; -1 if there is none. */
static int argument_of_variable(const struct conf *c, const char *name) {
    for (int i = 0; i < c->argument_count; i++)
        if (!strcmp(c->arguments[i].name + strspn(c->arguments[i].name, "-"), name))
            return i;
    return -1;
}

/* Replace the $NAME or ${NAME} that the text may begin with. `missing`: out, whether that is an
 * argument that was not given. */
static char *filled(const struct reading *r, const char *text, bool *missing) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    bool braces = text[0] == '$' && text[1] == '{';
    size_t from = braces ? 2 : 1, n = *text == '$' ? strspn(text + from, letters) : 0;
    *missing = false;
    if (!n || (braces && text[from + n] != '}'))
        return must_copy(text);
    char *name = must_print("%.*s", (int)n, text + from);
    const char *value = variable(r, name);
    int i = argument_of_variable(r->conf, name);
    if (!value && i >= 0) {
        value = r->values[i];
        *missing = !value;
    } else if (!value) {
        value = getenv(name);
    }
    return must_print("%s%s", value ? value : "", text + from + n + braces);
}

static void share(struct reading *r, const char *host, const char *place) {
    char *real = realpath(host, NULL);
    if (!real || access(real, R_OK) < 0)
        fail((struct failure){.step = "share with the app", .thing = host, .error = errno});
    add(&r->to->shared, must_print("%s:%s", real, place));
}

/* SOURCE:PLACE[:ro]; where a value has colons, PLACE begins at the last one before a '/'. */
static void bind(struct reading *r, const char *text) {
    bool missing_source, missing_place;
    char *colon = strchr(text, ':');
    if (!colon)
        refuse("this file was made wrong: Bind=%s has no place. Make it again", text);
    char *source = must_print("%.*s", (int)(colon - text), text);
    char *host = filled(r, source, &missing_source);
    char *place = filled(r, colon + 1, &missing_place);
    if (!missing_source && !missing_place)
        share(r, host, place);
}

/* ---- the words */

static void give(struct reading *r, int i, const char *value) {
    const struct argument *a = r->conf->arguments + i;
    r->values[i] = value;
    if (a->kind == KIND_BIND)
        share(r, value, a->parameter);
    else if (a->kind == KIND_ENV)
        r->values[i] = typed(a->type, a->name, value);
    else if (a->kind == KIND_OUTPUT)
        r->to->output = value;
    else
        r->to->instance = value;
}

/* The option of this name, of `length` bytes; -1 if there is none. */
static int option_named(const struct conf *c, const char *name, size_t length) {
    for (int i = 0; i < c->argument_count; i++)
        if (c->arguments[i].is_option && strlen(c->arguments[i].name) == length &&
            !strncmp(c->arguments[i].name, name, length))
            return i;
    return -1;
}

static _Noreturn void refuse_words(const struct reading *r, const char *what, const char *word) {
    refuse("%s%s. See %s --app-help", what, word, r->called);
}

/* "--word", "--word=VALUE"; returns how many words were read. */
static int read_long(struct reading *r, char **words) {
    size_t n = strcspn(*words, "=");
    int i = option_named(r->conf, *words, n);
    if (i < 0)
        refuse_words(r, "there is no option ", *words);
    if ((*words)[n]) {
        give(r, i, *words + n + 1);
        return 1;
    }
    bool flag = r->conf->arguments[i].is_flag;
    if (!flag && !words[1])
        refuse_words(r, "a value is missing after ", *words);
    give(r, i, flag ? "1" : words[1]);
    return flag ? 1 : 2;
}

/* "-x", "-xVALUE", "-xyz" of flags. */
static int read_short(struct reading *r, char **words) {
    for (const char *letter = *words + 1; *letter; letter++) {
        const char name[] = {'-', *letter, 0};
        int i = option_named(r->conf, name, 2);
        if (i < 0)
            refuse_words(r, "there is no option ", name);
        if (r->conf->arguments[i].is_flag) {
            give(r, i, "1");
            continue;
        }
        if (!letter[1] && !words[1])
            refuse_words(r, "a value is missing after ", name);
        give(r, i, letter[1] ? letter + 1 : words[1]);
        return letter[1] ? 1 : 2;
    }
    return 1;
}

/* The next operand that is declared; -1 if all were given. */
static int next_operand(const struct reading *r) {
    int left = r->operands;
    for (int i = 0; i < r->conf->argument_count; i++)
        if (!r->conf->arguments[i].is_option && left-- == 0)
            return i;
    return -1;
}

static void read_words(struct reading *r, char **words) {
    bool options = true;
    while (*words) {
        int operand = next_operand(r);
        if (options && !strcmp(*words, "--")) {
            options = false;
            words++;
        } else if (options && (*words)[0] == '-' && (*words)[1]) {
            words += (*words)[1] == '-' ? read_long(r, words) : read_short(r, words);
        } else if (operand >= 0) {
            give(r, operand, *words++);
            r->operands++;
        } else if (options && r->operands) {
            refuse_words(r, "there are too many words, from here on: ", *words);
        } else {
            break;
        }
    }
    r->to->command = words;
    int missing = next_operand(r);
    if (missing >= 0)
        refuse_words(r, must_print("%s wants the argument ", r->conf->name),
                     r->conf->arguments[missing].name);
}

static void set_variables(struct reading *r) {
    bool missing;
    for (int i = 0; i < r->conf->argument_count; i++) {
        const struct argument *a = r->conf->arguments + i;
        if (a->kind == KIND_ENV && (r->values[i] || a->is_flag))
            set(r, a->parameter, TYPE_STR, a->name, r->values[i] ? r->values[i] : "0");
    }
    for (int i = 0; i < r->conf->setting_count; i++) {
        const struct setting *s = r->conf->settings + i;
        set(r, s->name, s->type, s->name, filled(r, s->value, &missing));
    }
}

/* ---- the instance */

static const char *instance_of(const char *word) {
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
    unsigned char bytes[RANDOM_LETTERS];
    char instance[LONGEST_INSTANCE + 1] = "";
    if (getrandom(bytes, sizeof bytes, GRND_NONBLOCK) != (ssize_t)sizeof bytes)
        must(-1, "make the name of", "an instance");
    const char *wanted = word;
    size_t n = 0;
    for (; *word && n + RANDOM_LETTERS < sizeof instance; word++) {
        if (*word != '%') {
            instance[n++] = *word;
            continue;
        }
        for (int i = 0; i < RANDOM_LETTERS; i++)
            instance[n++] = letters[bytes[i] % 26];
    }
    if (*word || !is_word(instance, "_+.-"))
        refuse("an instance has letters, digits and _+.- only, and %% for random ones: not %s",
               wanted);
    return must_copy(instance);
}

struct words words_of_app(const struct conf *c, const char *called, char **words) {
    struct words w = {.instance = "%", .command = words};
    struct reading r = {.conf = c, .to = &w, .called = called};
    int usual = exit_status_of_failure;
    exit_status_of_failure = 2;
    r.values = must_allocate((size_t)c->argument_count + 1, sizeof *r.values);
    if (c->argument_count)
        read_words(&r, words);
    w.instance = instance_of(w.instance);
    w.id = must_print("%s.%s", c->name, w.instance);
    add(&w.variables, must_print("APP_NAME=%s", c->name));
    add(&w.variables, must_print("APP_INSTANCE=%s", w.instance));
    add(&w.variables, must_print("APP_ID=%s", w.id));
    add(&w.variables, must_print("APP_ARGV0=%s", called));
    set_variables(&r);
    for (int i = 0; i < c->argument_count; i++)
        w.collects |= c->arguments[i].kind == KIND_OUTPUT;
    for (int i = 0; i < c->binds.count; i++)
        bind(&r, c->binds.words[i]);
    if (w.collects && (!w.output || !*w.output))
        w.output = ".";
    exit_status_of_failure = usual;
    return w;
}

/* ---- help */

static const char *value_word(const struct argument *a) {
    static const char *const words[] = {
        [TYPE_STR] = "VALUE", [TYPE_INT] = "NUMBER", [TYPE_BOOL] = "yes|no"};
    return a->kind == KIND_BIND     ? "PATH"
           : a->kind == KIND_OUTPUT ? "PATH"
           : a->kind == KIND_ENV    ? words[a->type]
                                    : "INSTANCE";
}

static char *meaning(const struct argument *a) {
    return a->kind == KIND_BIND     ? must_print("shared with the app at %s", a->parameter)
           : a->kind == KIND_OUTPUT ? must_copy("where what the app leaves in /out goes")
           : a->kind == KIND_ENV    ? must_print("the variable %s", a->parameter)
                                    : must_copy("the name of this run; % is a random one");
}

void words_explain(const struct conf *c, const char *called) {
    bool operands = false;
    printf("usage: %s", called);
    for (int i = 0; i < c->argument_count; i++) {
        const struct argument *a = c->arguments + i;
        if (a->is_option)
            printf(a->is_flag ? " [%s]" : " [%s %s]", a->name, value_word(a));
    }
    for (int i = 0; i < c->argument_count; i++)
        if (!c->arguments[i].is_option) {
            operands = true;
            printf(" %s", c->arguments[i].name);
        }
    puts(operands ? " [-- WORD ...]" : " [COMMAND [WORD ...]]");
    for (int i = 0; i < c->argument_count; i++)
        printf("  %-16s %s\n", c->arguments[i].name, meaning(c->arguments + i));
}
