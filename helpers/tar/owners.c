#include "tar/owners.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar/header.h"
#include "tar/number.h"
#include "tar/records.h"
#include "tar/trouble.h"
#include "userns/passwd.h"

const char OWNER_ATTRIBUTE[] = "user.containers.override_stat";
static const char KEY[] = "SCHILY.xattr.user.containers.override_stat";

size_t owner_text(char *text, unsigned uid, unsigned gid, unsigned mode) {
    return (size_t)snprintf(text, OWNER_SIZE, "%u:%u:0%o", uid, gid, mode);
}

struct filter {
    struct input *in;
    struct output *out;
    struct header extended; /* the header of `text`, held back */
    char *text;
    size_t length;
    struct records records; /* those in it */
    bool held;
};

static void put_header(const struct filter *f, struct header *h) {
    header_sum(h);
    output_put(f->out, h, BLOCK);
}

static void hold(struct filter *f, const struct header *h, uint64_t size) {
    if (size > MOST_HEADER)
        tar_refuse("a header has %llu bytes", (unsigned long long)size);
    f->extended = *h;
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

static bool is_roots(const struct filter *f, const struct header *h) {
    return !find(f, "uid") && !find(f, "gid") && !number_in(h->uid, sizeof h->uid, "user id") &&
           !number_in(h->gid, sizeof h->gid, "group id");
}

bool owner_parse(const char *value, size_t size, unsigned *uid, unsigned *gid) {
    char copy[OWNER_SIZE] = "", *rest = copy;
    if (size < sizeof copy)
        memcpy(copy, value, size);
    char *user = strsep(&rest, ":"), *group = rest ? strsep(&rest, ":") : NULL;
    return group && rest && is_number(user, uid) && is_number(group, gid);
}

static void give(struct filter *f, struct header *h) {
    unsigned uid, gid;
    const struct record *owner = find(f, KEY);
    if (!owner)
        return;
    size_t length = 0;
    for (size_t i = 0; i < f->records.count; i++) {
        const struct record *r = f->records.list + i;
        if (strcmp(r->key, KEY) != 0)
            length += record_put(f->text + length, r->key, r->value, r->size);
    }
    if (is_roots(f, h) && owner_parse(owner->value, owner->size, &uid, &gid)) {
        length += header_number_or_record(h->uid, sizeof h->uid, uid, "uid", f->text + length);
        length += header_number_or_record(h->gid, sizeof h->gid, gid, "gid", f->text + length);
    }
    f->length = length;
    header_number(f->extended.size, sizeof f->extended.size, length);
}

static void put_held(struct filter *f) {
    static const char zeros[BLOCK];
    if (f->held && f->length) {
        put_header(f, &f->extended);
        output_put(f->out, f->text, f->length);
        output_put(f->out, zeros, -f->length & (BLOCK - 1));
    }
    f->held = false;
}

static uint64_t stored(const struct filter *f, const struct header *h) {
    const struct record *size = find(f, "size");
    if (h->type >= '1' && h->type <= '6')
        return 0;
    return size ? record_number(size) : number_in(h->size, sizeof h->size, "size");
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
    struct header space, h;
    for (const void *block; (block = input_take(in, BLOCK, (unsigned char *)&space));) {
        memcpy(&h, block, BLOCK);
        if (!h.name[0]) { /* the end */
            output_put(out, &h, BLOCK);
            pass(&f, 0);
        } else if (h.type == 'x') {
            hold(&f, &h, number_in(h.size, sizeof h.size, "size"));
        } else {
            uint64_t size = stored(&f, &h);
            give(&f, &h);
            put_held(&f);
            put_header(&f, &h);
            if (size)
                pass(&f, size + (-size & (BLOCK - 1)));
        }
    }
    output_flush(out);
}
