#include "tar/put.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tar/header.h"
#include "tar/trouble.h"

struct extended {
    const struct member *of;
    char *text; /* MOST_HEADER bytes */
    size_t length;
};

static void add(struct extended *x, const char *key, const void *value, size_t size) {
    if (x->length + strlen(key) + size + RECORD_ROOM > MOST_HEADER)
        tar_refuse("%.1500s: it has more than %d bytes of attributes, which nobody unpacks",
                   x->of->name, MOST_HEADER);
    x->length += record_put(x->text + x->length, key, value, size);
}

/* Returns whether the header has room: in the name, or cut in two at a slash. */
static bool fits(struct header *h, const char *name, size_t length) {
    if (length <= sizeof h->name) {
        memcpy(h->name, name, length);
        return true;
    }
    for (size_t cut = length - sizeof h->name - 1; cut <= sizeof h->prefix && cut + 1 < length;
         cut++)
        if (cut && name[cut] == '/') {
            memcpy(h->prefix, name, cut);
            memcpy(h->name, name + cut + 1, length - cut - 1);
            return true;
        }
    return false;
}

static void put_name(struct extended *x, struct header *h) {
    const struct member *m = x->of;
    static char name[MOST_NAME + 256];
    size_t n = (size_t)snprintf(name, sizeof name, "%s%s", *m->name ? m->name : ".",
                                m->type == M_DIRECTORY ? "/" : "");
    if (fits(h, name, n))
        return;
    memcpy(h->name, name, sizeof h->name);
    add(x, "path", name, n);
}

static void put_link(struct extended *x, struct header *h) {
    size_t n = strlen(x->of->link);
    memcpy(h->link, x->of->link, n < sizeof h->link ? n : sizeof h->link);
    if (n > sizeof h->link)
        add(x, "linkpath", x->of->link, n);
}

static void put_time(struct extended *x, struct header *h) {
    struct timespec t = x->of->mtime;
    bool before_1970 = t.tv_sec < 0, fits = !before_1970 && t.tv_sec <= 077777777777;
    header_number(h->mtime, sizeof h->mtime, fits ? (uint64_t)t.tv_sec : 0);
    if (fits && !t.tv_nsec)
        return;
    unsigned long long seconds = (unsigned long long)t.tv_sec;
    if (before_1970) {
        seconds = 0 - seconds - (t.tv_nsec > 0);
        t.tv_nsec = t.tv_nsec ? 1000000000 - t.tv_nsec : 0;
    }
    char text[64];
    size_t n = (size_t)snprintf(text, sizeof text, "%s%llu.%09ld", before_1970 ? "-" : "", seconds,
                                t.tv_nsec);
    while (text[n - 1] == '0')
        n--;
    add(x, "mtime", text, n - (text[n - 1] == '.'));
}

/* "=" cannot stand in the key of a record. What looks like its code is written in code, too. */
static void put_attribute(struct extended *x, const struct record *attribute) {
    char key[16 + 3 * 256] = "SCHILY.xattr.", *to = key + strlen(key);
    for (const char *from = attribute->key; *from && to < key + sizeof key - 4; from++) {
        bool code = !strncmp(from, "%3D", 3) || !strncmp(from, "%25", 3);
        if (*from == '=' || code)
            to = stpcpy(to, code ? "%25" : "%3D");
        else
            *to++ = *from;
    }
    *to = 0;
    add(x, key, attribute->value, attribute->size);
}

static struct header new_header(char type, unsigned mode) {
    struct header h = {.type = (unsigned char)type};
    header_number(h.mode, sizeof h.mode, mode & 07777);
    header_number(h.uid, sizeof h.uid, 0);
    header_number(h.gid, sizeof h.gid, 0);
    header_number(h.size, sizeof h.size, 0);
    header_number(h.mtime, sizeof h.mtime, 0);
    header_number(h.major, sizeof h.major, 0);
    header_number(h.minor, sizeof h.minor, 0);
    memcpy(h.magic,
           "ustar\0"
           "00",
           sizeof h.magic);
    return h;
}

static void put_header(struct output *out, struct header *h) {
    header_sum(h);
    output_put(out, h, BLOCK);
}

static void pad(struct output *out, uint64_t size) {
    static const char zeros[BLOCK];
    output_put(out, zeros, -size & (BLOCK - 1));
}

static void put_extended(struct output *out, const struct extended *x) {
    const char *slash = strrchr(x->of->name, '/');
    struct header h = new_header('x', 0644);
    char name[sizeof h.name + 1];
    int n = snprintf(name, sizeof name, "PaxHeaders/%s", slash ? slash + 1 : x->of->name);
    memcpy(h.name, name, (size_t)n < sizeof h.name ? (size_t)n : sizeof h.name);
    header_number(h.size, sizeof h.size, x->length);
    put_header(out, &h);
    output_put(out, x->text, x->length);
    pad(out, x->length);
}

void member_put(struct output *out, const struct member *m, const struct record *attributes,
                size_t count) {
    static char text[MOST_HEADER];
    struct extended x = {.of = m, .text = text};
    struct header h = new_header((char)m->type, m->mode);
    put_name(&x, &h);
    if (m->type == M_HARD_LINK || m->type == M_SYMLINK)
        put_link(&x, &h);
    if (m->type == M_FILE)
        x.length +=
            header_number_or_record(h.size, sizeof h.size, m->size, "size", text + x.length);
    x.length += header_number_or_record(h.uid, sizeof h.uid, m->uid, "uid", text + x.length);
    x.length += header_number_or_record(h.gid, sizeof h.gid, m->gid, "gid", text + x.length);
    put_time(&x, &h);
    if (m->type == M_CHARACTER || m->type == M_BLOCK) {
        header_number(h.major, sizeof h.major, m->major);
        header_number(h.minor, sizeof h.minor, m->minor);
    }
    for (size_t i = 0; i < count; i++)
        put_attribute(&x, attributes + i);
    if (x.length)
        put_extended(out, &x);
    put_header(out, &h);
}

void member_end(struct output *out, const struct member *m) {
    pad(out, m->size);
}

void tar_end(struct output *out) {
    static const char zeros[2 * BLOCK];
    output_put(out, zeros, sizeof zeros);
}
