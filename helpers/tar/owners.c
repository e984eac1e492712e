#include "tar/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar/number.h"
#include "tar/records.h"
#include "tar/trouble.h"
#include "userns/passwd.h"

enum { BLOCK = 512, MODE = 100, UID = 108, GID = 116, SIZE = 124, SUM = 148, TYPE = 156 };
enum { ID_FIELD = 8, SIZE_FIELD = 12, MOST_OCTAL_ID = 07777777 };

const char OWNER_ATTRIBUTE[] = "user.containers.override_stat";
static const char KEY[] = "SCHILY.xattr.user.containers.override_stat";

size_t owner_text(char *text, unsigned uid, unsigned gid, unsigned mode) {
    return (size_t)snprintf(text, OWNER_SIZE, "%u:%u:0%o", uid, gid, mode);
}

struct filter {
    struct input *in;
    struct output *out;
    unsigned char extended[BLOCK]; /* the header of `text`, held back */
    char *text;
    size_t length;
    struct records records; /* those in it */
    bool held;
};

static void put_number(unsigned char *block, size_t at, size_t width, uint64_t value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%0*llo", (int)width - 1, (unsigned long long)value);
    memcpy(block + at, digits, width);
}

static void put_header(const struct filter *f, unsigned char *block) {
    unsigned sum = 0;
    memset(block + SUM, ' ', TYPE - SUM);
    for (size_t i = 0; i < BLOCK; i++)
        sum += block[i];
    char digits[16];
    snprintf(digits, sizeof digits, "%06o", sum);
    memcpy(block + SUM, digits, 7);
    output_put(f->out, block, BLOCK);
}

/* "LENGTH KEY=VALUE\n", whose length counts itself. */
static size_t put_record(char *to, const char *key, const void *value, size_t size) {
    size_t rest = strlen(key) + size + 3, length = rest + 1;
    for (size_t digits;
         (digits = (size_t)snprintf(NULL, 0, "%zu", length)), length != rest + digits;)
        length = rest + digits;
    int n = sprintf(to, "%zu %s=", length, key);
    memcpy(to + n, value, size);
    to[(size_t)n + size] = '\n';
    return length;
}

static void hold(struct filter *f, const unsigned char *header, uint64_t size) {
    if (size > MOST_HEADER)
        tar_refuse("a header has %llu bytes", (unsigned long long)size);
    memcpy(f->extended, header, BLOCK);
    const unsigned char *got = input_take(f->in, (size_t)size, (unsigned char *)f->text);
    if (got && got != (unsigned char *)f->text)
        memcpy(f->text, got, (size_t)size);
    input_skip(f->in, -size & (BLOCK - 1));
    memcpy(f->records.text, f->text, (size_t)size);
    f->records.text[size] = 0;
    f->length = (size_t)size;
    f->held = true;
    records_read(&f->records, f->length);
}

static const struct record *find(const struct filter *f, const char *key) {
    const struct record *found = NULL;
    for (size_t i = 0; f->held && i < f->records.count; i++)
        if (!strcmp(f->records.list[i].key, key))
            found = f->records.list + i;
    return found;
}

static bool is_roots(const struct filter *f, const unsigned char *header) {
    return !find(f, "uid") && !find(f, "gid") && !number_in(header + UID, ID_FIELD, "user id") &&
           !number_in(header + GID, ID_FIELD, "group id");
}

static size_t put_id(char *to, unsigned char *header, size_t at, const char *key, unsigned id) {
    char digits[16];
    put_number(header, at, ID_FIELD, id <= MOST_OCTAL_ID ? id : 0);
    if (id <= MOST_OCTAL_ID)
        return 0;
    return put_record(to, key, digits, (size_t)snprintf(digits, sizeof digits, "%u", id));
}

/* UID:GID:MODE; the mode is right in the file itself. */
static bool parse(const struct record *r, unsigned *uid, unsigned *gid) {
    char copy[OWNER_SIZE] = "", *rest = copy;
    if (r->size < sizeof copy)
        memcpy(copy, r->value, r->size);
    char *user = strsep(&rest, ":"), *group = rest ? strsep(&rest, ":") : NULL;
    return group && rest && is_number(user, uid) && is_number(group, gid);
}

static void give(struct filter *f, unsigned char *header) {
    unsigned uid, gid;
    const struct record *owner = find(f, KEY);
    if (!owner)
        return;
    size_t length = 0;
    for (size_t i = 0; i < f->records.count; i++) {
        const struct record *r = f->records.list + i;
        if (strcmp(r->key, KEY) != 0)
            length += put_record(f->text + length, r->key, r->value, r->size);
    }
    if (is_roots(f, header) && parse(owner, &uid, &gid)) {
        length += put_id(f->text + length, header, UID, "uid", uid);
        length += put_id(f->text + length, header, GID, "gid", gid);
    }
    f->length = length;
    put_number(f->extended, SIZE, SIZE_FIELD, length);
}

static void put_held(struct filter *f) {
    static const char zeros[BLOCK];
    if (f->held && f->length) {
        put_header(f, f->extended);
        output_put(f->out, f->text, f->length);
        output_put(f->out, zeros, -f->length & (BLOCK - 1));
    }
    f->held = false;
}

static uint64_t stored(const struct filter *f, const unsigned char *header) {
    const struct record *size = find(f, "size");
    if (header[TYPE] >= '1' && header[TYPE] <= '6')
        return 0;
    return size ? record_number(size) : number_in(header + SIZE, SIZE_FIELD, "size");
}

static void pass(struct filter *f, uint64_t count) {
    f->in->copy = f->out;
    if (count)
        input_skip(f->in, count);
    else
        input_drain(f->in);
    f->in->copy = NULL;
}

void owners_give_back(struct input *in, struct output *out) {
    static char text[MOST_HEADER + 2 * BLOCK]; /* records of ids may be added */
    static char parsed[MOST_HEADER + 1];
    static struct filter f;
    f = (struct filter){.in = in, .out = out, .text = text, .records = f.records};
    f.records.text = parsed;
    unsigned char space[BLOCK], header[BLOCK];
    for (const unsigned char *block; (block = input_take(in, BLOCK, space));) {
        memcpy(header, block, BLOCK);
        if (!header[0]) { /* the end */
            output_put(out, header, BLOCK);
            pass(&f, 0);
        } else if (header[TYPE] == 'x') {
            hold(&f, header, number_in(header + SIZE, SIZE_FIELD, "size"));
        } else {
            uint64_t size = stored(&f, header);
            give(&f, header);
            put_held(&f);
            put_header(&f, header);
            if (size)
                pass(&f, size + (-size & (BLOCK - 1)));
        }
    }
    output_flush(out);
}
