#include "tar/sparse.h"

#include <stdlib.h>
#include <string.h>

#include "tar/number.h"
#include "tar/trouble.h"

enum { MOST_PIECES = 4 << 20, BLOCK = 512 };

void sparse_reset(struct sparse *s) {
    *s = (struct sparse){.size = UINT64_MAX, .pieces = s->pieces, .room = s->room};
}

static _Noreturn void damaged(void) {
    tar_refuse("it is damaged: the map of a file with holes cannot be read");
}

static void add(struct sparse *s, uint64_t offset, uint64_t length) {
    if (s->count == MOST_PIECES)
        tar_refuse("a file has more than %d holes", MOST_PIECES);
    if (s->count == s->room) {
        s->room = s->room ? 2 * s->room : 64;
        s->pieces =
            must_have(realloc(s->pieces, s->room * sizeof *s->pieces), "allocate", "memory");
    }
    s->pieces[s->count++] = (struct piece){offset, length};
}

bool sparse_old(struct sparse *s, const unsigned char *fields, int most) {
    for (int i = 0; i < most; i++, fields += 24) {
        if (!fields[12])
            return false;
        add(s, number_in(fields, 12, "place in a file"), number_in(fields + 12, 12, "length"));
    }
    return true;
}

/* "OFFSET,LENGTH,OFFSET,LENGTH…" */
static void read_list(struct sparse *s, const char *text) {
    uint64_t offset = 0;
    for (bool is_length = false; *text; is_length = !is_length) {
        char *end;
        if (*text < '0' || *text > '9')
            damaged();
        uint64_t value = strtoull(text, &end, 10);
        if (is_length)
            add(s, offset, value);
        offset = value;
        text = *end == ',' ? end + 1 : end;
        if (*end && *end != ',')
            damaged();
        if (!*text && !is_length)
            damaged();
    }
}

void sparse_record(struct sparse *s, const struct record *r) {
    const char *key = r->key + strlen("GNU.sparse.");
    if (!strcmp(key, "major")) {
        s->in_front = record_number(r) > 0;
        if (record_number(r) > 1)
            tar_refuse("a file with holes has a form (%.20s) that is not known", r->value);
        s->is = true;
    } else if (!strcmp(key, "size") || !strcmp(key, "realsize")) {
        s->size = record_number(r);
        s->is = true;
    } else if (!strcmp(key, "name")) {
        s->name = strlen(r->value) == r->size ? r->value : NULL;
    } else if (!strcmp(key, "offset")) {
        add(s, record_number(r), 0);
    } else if (!strcmp(key, "numbytes")) {
        if (!s->count)
            damaged();
        s->pieces[s->count - 1].length = record_number(r);
    } else if (!strcmp(key, "map")) {
        s->count = 0;
        read_list(s, r->value);
    }
}

/* Lines of decimal numbers, in blocks. */
struct lines {
    struct input *in;
    unsigned char space[BLOCK];
    const unsigned char *block;
    size_t at;
    uint64_t taken, stored;
};

static uint64_t next_line(struct lines *l) {
    uint64_t value = 0;
    for (int count = 0;; count++) {
        if (l->at == BLOCK) {
            if (l->stored - l->taken < BLOCK)
                damaged();
            l->block = input_take(l->in, BLOCK, l->space);
            if (!l->block)
                damaged();
            l->taken += BLOCK;
            l->at = 0;
        }
        unsigned char c = l->block[l->at++];
        if (c == '\n' && count)
            return value;
        if (c < '0' || c > '9' || value > (INT64_MAX - 9) / 10)
            damaged();
        value = value * 10 + (uint64_t)(c - '0');
    }
}

uint64_t sparse_map(struct sparse *s, struct input *in, uint64_t stored) {
    struct lines l = {.in = in, .at = BLOCK, .stored = stored};
    s->count = 0;
    for (uint64_t count = next_line(&l); count; count--) {
        uint64_t offset = next_line(&l);
        add(s, offset, next_line(&l));
    }
    return l.taken;
}

void sparse_check(const struct sparse *s, uint64_t stored, const char *name) {
    uint64_t end = 0, sum = 0;
    bool fits = s->size <= INT64_MAX;
    for (size_t i = 0; fits && i < s->count; i++) {
        const struct piece *p = s->pieces + i;
        fits = p->offset >= end && p->offset <= s->size && p->length <= s->size - p->offset;
        end = p->offset + p->length;
        sum += p->length;
    }
    if (!fits || sum != stored)
        tar_refuse("%s: it is damaged: the map of its holes does not fit its size", name);
}
