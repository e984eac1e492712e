#include "onefile/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

enum { MOST_STRINGS = 4096, LONGEST_NAME = 64 };

static _Noreturn void refuse_conf(const char *line, const char *why) {
    fail((struct failure){.step = "run this file: app.conf says",
                          .thing = must_print("%.200s", line),
                          .reason = why,
                          .remedy = "Make it again with `plash push:app`"});
}

bool is_word(const char *word, const char *others) {
    static const char usual[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    for (size_t n = 0; word[n]; n++)
        if (!strchr(usual, word[n]) && !strchr(others, word[n]))
            return false;
    return *word;
}

bool is_variable(const char *word) {
    return is_word(word, "_") && !(*word >= '0' && *word <= '9');
}

static enum type type_of(const char *line, const char *word) {
    static const char *const types[] = {"str", "int", "bool"};
    for (int t = TYPE_STR; t <= TYPE_BOOL; t++)
        if (!strcmp(word, types[t]))
            return (enum type)t;
    refuse_conf(line, "a type is str, int or bool");
}

/* Cut NAME[:TYPE] in two. */
static enum type cut_type(const char *line, char *name) {
    char *colon = strchr(name, ':');
    if (colon)
        *colon++ = 0;
    if (!is_variable(name))
        refuse_conf(line, "that is not the name of a variable");
    return colon ? type_of(line, colon) : TYPE_STR;
}

static bool is_option(const char *name) {
    return *name == '-';
}

static bool is_argument(const char *name) {
    if (!is_option(name))
        return is_variable(name);
    if (name[1] != '-')
        return is_word(name + 1, "") && !name[2];
    return is_word(name + 2, "-_") && name[2] != '-' && strncmp(name, "--app-", 6) != 0 &&
           strncmp(name, "--appimage-", 11) != 0;
}

static void add_argument(struct conf *c, const char *line, const char *value) {
    static const char *const kinds[] = {"bind", "env", "instance", "output"};
    char *name = must_copy(value), *kind = strchr(name, ':'), *parameter = strchr(name, '>');
    struct argument a = {.name = name};
    if (!kind || (parameter && parameter < kind))
        refuse_conf(line, "an argument is NAME:KIND");
    *kind++ = 0;
    if (parameter)
        *parameter++ = 0;
    for (; a.kind <= KIND_OUTPUT && strcmp(kind, kinds[a.kind]) != 0; a.kind++)
        ;
    if (a.kind > KIND_OUTPUT)
        refuse_conf(line, "a kind is bind, env, instance or output");
    if (!is_argument(name))
        refuse_conf(line, "an argument is called -x, --word or word");
    bool wants = a.kind == KIND_BIND || a.kind == KIND_ENV;
    if (wants != (parameter && *parameter))
        refuse_conf(line, wants ? "its PARAMETER is missing" : "it does not have a PARAMETER");
    for (int i = 0; i < c->argument_count; i++)
        if (!strcmp(c->arguments[i].name, name))
            refuse_conf(line, "there are two of that name");
    if (a.kind == KIND_ENV)
        a.type = cut_type(line, parameter);
    if (a.kind == KIND_BIND && *parameter != '/')
        refuse_conf(line, "a place begins with a '/'");
    a.parameter = parameter;
    a.is_option = is_option(name);
    a.is_flag = a.is_option && a.type == TYPE_BOOL;
    c->arguments[c->argument_count++] = a;
}

static void add_setting(struct conf *c, const char *line, const char *text) {
    char *name = must_copy(text), *value = strchr(name, '=');
    if (!value)
        refuse_conf(line, "it is not NAME=VALUE");
    *value++ = 0;
    enum type type = cut_type(line, name);
    c->settings[c->setting_count++] = (struct setting){name, value, type};
}

/* The index of a word in a list that ends with NULL. */
static unsigned one_of(const char *line, const char *value, const char *const *words) {
    for (unsigned i = 0; words[i]; i++)
        if (!strcmp(words[i], value))
            return i;
    refuse_conf(line, "it cannot be that");
}

static unsigned prompt_of(const char *line, const char *value) {
    if (!*value || strlen(value) > 2 || strspn(value, "0123456789") != strlen(value))
        refuse_conf(line, "a colour is a number from 0 to 99");
    return (unsigned)strtoul(value, NULL, 10);
}

static const char *name_of(const char *line, const char *value) {
    if (!is_word(value, "_+.-") || strchr("-.", *value) || strlen(value) > LONGEST_NAME)
        refuse_conf(line, "a name has letters, digits and _+.- only");
    return value;
}

enum key {
    FORMAT,
    NAME,
    IMAGE,
    USER,
    HOSTNAME,
    WORKING_DIR,
    NETWORK,
    RESOLV,
    ROOT,
    PROMPT, /* those above appear once */
    ENV,
    VOLUME,
    ENTRYPOINT,
    CMD,
    ARG,
    BIND,
    SET,
    KEYS
};
static const char *const keys[KEYS + 1] = {
    "Format", "Name", "Image",  "User",       "Hostname", "WorkingDir", "Network", "Resolv", "Root",
    "Prompt", "Env",  "Volume", "Entrypoint", "Cmd",      "Arg",        "Bind",    "Set"};
static const char *const networks[] = {"none", "host", NULL};
static const char *const resolvs[] = {"image", "host", NULL};
static const char *const roots[] = {"overlay", "copy", "read-only", NULL};

static void take(struct conf *c, enum key key, const char *line, const char *value) {
    switch (key) {
    case FORMAT:
        if (strcmp(value, "1") != 0)
            refuse_conf(line, "this runtime knows format 1 only");
        break;
    case NAME:
        c->name = name_of(line, value);
        break;
    case IMAGE:
        c->made_of = value;
        break;
    case NETWORK:
        c->network = one_of(line, value, networks);
        break;
    case RESOLV:
        c->host_names = one_of(line, value, resolvs);
        break;
    case ROOT:
        c->root = one_of(line, value, roots);
        break;
    case PROMPT:
        c->prompt = prompt_of(line, value);
        break;
    case ARG:
        add_argument(c, line, value);
        break;
    case BIND:
        c->binds.words[c->binds.count++] = value;
        break;
    case SET:
        add_setting(c, line, value);
        break;
    default: /* runconf_parse's */
        break;
    }
}

static enum key key_of(const char *line) {
    size_t n = strcspn(line, "=");
    for (enum key k = FORMAT; k < KEYS; k++)
        if (line[n] && strlen(keys[k]) == n && !strncmp(line, keys[k], n))
            return k;
    refuse_conf(line, "this runtime does not know that key");
}

struct conf conf_read(char *text, size_t length) {
    struct conf c = {.image = runconf_parse(text, length)};
    c.arguments = must_allocate(MOST_STRINGS, sizeof *c.arguments);
    c.settings = must_allocate(MOST_STRINGS, sizeof *c.settings);
    c.binds.words = must_allocate(MOST_STRINGS, sizeof *c.binds.words);
    bool seen[KEYS] = {false};
    int count = 0;
    if (!length || text[length - 1])
        refuse_conf("nothing", "it is cut off");
    for (char *line = text; line < text + length; line += strlen(line) + 1) {
        enum key key = key_of(line);
        if (++count > MOST_STRINGS)
            refuse_conf(line, "there are too many lines");
        if ((count == 1) != (key == FORMAT) || (key <= PROMPT && seen[key]))
            refuse_conf(line, "Format is the first line, and this key is there only once");
        seen[key] = true;
        take(&c, key, line, strchr(line, '=') + 1);
    }
    if (!seen[NAME])
        refuse_conf("nothing", "there is no Name");
    if (!seen[RESOLV])
        c.host_names = c.network;
    return c;
}
