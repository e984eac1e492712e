#include "base/json_reader.h"

#include <stdbool.h>
#include <string.h>

#include "base/fail.h"

enum { DEEPEST = 64 };

struct reader {
    const char *at;
    int depth;
};

static struct json_value *read_value(struct reader *r);

static bool take(struct reader *r, const char *word) {
    r->at += strspn(r->at, " \t\r\n");
    size_t n = strlen(word);
    if (strncmp(r->at, word, n) != 0)
        return false;
    r->at += n;
    return true;
}

/* The number of \uXXXX, of which `at` is the X; or one that there is not. */
enum { NONE = 0x10000, UNKNOWN = 0xfffd };
static unsigned escaped(const char *at) {
    static const char digits[] = "0123456789abcdefABCDEF";
    unsigned number = 0;
    for (int i = 0; i < 4; i++) {
        const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
        if (!digit)
            return NONE;
        unsigned worth = (unsigned)(digit - digits);
        number = number << 4 | (worth > 15 ? worth - 6 : worth);
    }
    return number;
}

static char *put(char *to, unsigned c) {
    if (c < 0x80) {
        *to++ = (char)c;
        return to;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char begin[] = {0, 0xc0, 0xe0, 0xf0};
    *to++ = (char)(begin[more] | c >> 6 * more);
    while (more--)
        *to++ = (char)(0x80 | (c >> 6 * more & 0x3f));
    return to;
}

/* After "\u". */
static char *put_escaped(struct reader *r, char *to) {
    unsigned c = escaped(r->at);
    if (c == NONE)
        return NULL;
    r->at += 4;
    if (c >= 0xdc80 && c <= 0xdcff) {
        *to++ = (char)(c - 0xdc00);
        return to;
    }
    if (c >= 0xd800 && c <= 0xdfff) {
        unsigned low = c < 0xdc00 && r->at[0] == '\\' && r->at[1] == 'u' ? escaped(r->at + 2) : 0;
        bool pair = low >= 0xdc00 && low <= 0xdfff;
        r->at += pair ? 6 : 0;
        c = pair ? 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00) : UNKNOWN;
    }
    return put(to, c ? c : UNKNOWN);
}

/* Nothing that is written shorter than it is. NULL: it is not a string. */
static char *read_string(struct reader *r) {
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
    if (!take(r, "\""))
        return NULL;
    size_t longest = 0;
    while (r->at[longest] && r->at[longest] != '"')
        longest += r->at[longest] == '\\' && r->at[longest + 1] ? 2 : 1;
    char *text = must_allocate(longest + 1, 1), *to = text;
    while (to && *r->at != '"') {
        if ((unsigned char)*r->at < ' ')
            return NULL;
        if (*r->at != '\\') {
            *to++ = *r->at++;
            continue;
        }
        r->at++;
        const char *letter = *r->at ? strchr(letters, *r->at) : NULL;
        if (letter)
            *to++ = meant[letter - letters];
        else if (*r->at != 'u')
            return NULL;
        r->at++;
        if (!letter)
            to = put_escaped(r, to);
    }
    r->at++;
    return to ? text : NULL;
}

/* What is between brackets; `end` is the closing one. */
static bool read_members(struct reader *r, struct json_value *of, const char *end) {
    struct json_value **last = &of->first;
    if (take(r, end))
        return true;
    do {
        char *name = of->kind == JSON_OBJECT ? read_string(r) : NULL;
        if (of->kind == JSON_OBJECT && (!name || !take(r, ":")))
            return false;
        struct json_value *member = read_value(r);
        if (!member)
            return false;
        member->name = name;
        *last = member;
        last = &member->next;
    } while (take(r, ","));
    return take(r, end);
}

static bool read_number(struct reader *r) {
    const char *digits = r->at + (*r->at == '-');
    if (*digits < '0' || *digits > '9')
        return false;
    r->at = digits + strspn(digits, "0123456789+-.eE");
    return true;
}

static bool fill(struct reader *r, struct json_value *v) {
    static const char *const words[] = {
        [JSON_NULL] = "null", [JSON_FALSE] = "false", [JSON_TRUE] = "true"};
    for (v->kind = JSON_NULL; v->kind <= JSON_TRUE; v->kind++)
        if (take(r, words[v->kind]))
            return true;
    if (read_number(r))
        return true;
    if (*r->at == '"') {
        v->kind = JSON_STRING;
        return (v->text = read_string(r));
    }
    bool list = take(r, "[");
    v->kind = list ? JSON_LIST : JSON_OBJECT;
    return (list || take(r, "{")) && read_members(r, v, list ? "]" : "}");
}

static struct json_value *read_value(struct reader *r) {
    struct json_value *v = must_allocate(1, sizeof *v);
    r->depth++;
    bool read = r->depth <= DEEPEST && fill(r, v);
    r->depth--;
    return read ? v : NULL;
}

struct json_value *json_read(const char *text) {
    struct reader r = {.at = text};
    struct json_value *v = read_value(&r);
    return v && take(&r, "") && !*r.at ? v : NULL;
}

const struct json_value *json_member(const struct json_value *object, const char *name) {
    const struct json_value *found = NULL;
    if (object->kind == JSON_OBJECT)
        for (const struct json_value *m = object->first; m; m = m->next)
            if (!strcmp(m->name, name))
                found = m;
    return found && found->kind != JSON_NULL ? found : NULL;
}
