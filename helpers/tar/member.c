#include "tar/member.h"

#include <string.h>

#include "tar/header.h"
#include "tar/number.h"
#include "tar/trouble.h"

/* Where things are in GNU's old header of a file with holes. */
enum { OLD_SPARSE = 386, OLD_SPARSE_MORE = 482, OLD_SPARSE_SIZE = 483, MORE_PIECES = 504 };

static const char ACL[] = "SCHILY.acl.", XATTR[] = "SCHILY.xattr.";

void tar_open(struct tar *t, struct input *in) {
    *t = (struct tar){.in = in};
    t->global.text = must_allocate(1, MOST_HEADER + 1);
    t->local.text = must_allocate(1, MOST_HEADER + 1);
    t->long_name = must_allocate(1, MOST_HEADER + 1);
    t->long_link = must_allocate(1, MOST_HEADER + 1);
}

static bool is_zero(const unsigned char *block) {
    return !block[0] && !memcmp(block, block + 1, BLOCK - 1);
}

/* Old programs added up signed characters. */
static void check_sum(const struct tar *t, const struct header *h) {
    const unsigned char *all = (const unsigned char *)h;
    unsigned sum = 0, as_signed = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        bool blank = i >= offsetof(struct header, checksum) && i < offsetof(struct header, type);
        unsigned char byte = blank ? ' ' : all[i];
        sum += byte;
        as_signed += (unsigned)(signed char)byte;
    }
    unsigned said = 0, digits = 0;
    for (size_t i = 0; i < sizeof h->checksum; i++)
        if (h->checksum[i] >= '0' && h->checksum[i] <= '7') {
            said = said * 8 + (h->checksum[i] - '0');
            digits++;
        }
    if (digits && (said == sum || said == (as_signed & 07777777)))
        return;
    if (!t->begin)
        tar_refuse("this does not look like a tar archive. Give a tar of a root filesystem, plain "
                   "or compressed");
    tar_refuse("it is damaged: there is no header at byte %llu. Get it again",
               (unsigned long long)t->begin);
}

static void take_text(struct tar *t, uint64_t size, char *text) {
    if (size > MOST_HEADER)
        tar_refuse("a header claims a huge size: %llu bytes. The archive is damaged or malicious",
                   (unsigned long long)size);
    const unsigned char *got = input_take(t->in, (size_t)size, (unsigned char *)text);
    if (!got && size)
        tar_refuse("it is cut off: it ends in the middle of a header. Get it again");
    if (size && got != (unsigned char *)text)
        memcpy(text, got, (size_t)size);
    text[size] = 0;
    input_skip(t->in, -size & (BLOCK - 1));
}

/* A path without "/" at its ends, empty names and "."; in place. */
static void clean(char *name) {
    char *to = name;
    for (const char *from = name; *from;) {
        size_t n = strcspn(from, "/");
        if (n == 2 && !memcmp(from, "..", 2))
            tar_refuse("%.500s: it leads outside by \"..\", which no honest archive needs", name);
        if (n && !(n == 1 && *from == '.')) {
            if (to != name)
                *to++ = '/';
            memmove(to, from, n);
            to += n;
        }
        from += n + (from[n] == '/');
    }
    *to = 0;
    if (to - name > MOST_NAME)
        tar_refuse("%.100s…: a name is longer than %d bytes", name, MOST_NAME);
}

/* Where only some digits are sensible, as of ids, the file system has the last word. */
static unsigned id_in(uint64_t value, const char *what) {
    if (value >= UINT32_MAX) /* which means: unchanged */
        tar_refuse("it is damaged: a %s is %llu", what, (unsigned long long)value);
    return (unsigned)value;
}

static void names_of(struct tar *t, const struct header *h) {
    size_t n = 0;
    bool star = !memcmp(h->rest + 8, "tar", 4); /* whose prefix is shorter */
    if (!memcmp(h->magic, "ustar", 6) && h->prefix[0]) {
        n = strnlen((const char *)h->prefix, star ? 131 : sizeof h->prefix);
        memcpy(t->name, h->prefix, n);
        t->name[n++] = '/';
    }
    memcpy(t->name + n, h->name, sizeof h->name);
    t->name[n + sizeof h->name] = 0;
    memcpy(t->link, h->link, sizeof h->link);
    t->link[sizeof h->link] = 0;
    t->m.name = t->name;
    t->m.link = t->link;
}

static void read_fields(struct tar *t, const struct header *h) {
    struct member *m = &t->m;
    names_of(t, h);
    m->mode = (unsigned)number_signed(h->mode, sizeof h->mode, "mode") & 07777;
    m->uid = id_in(number_in(h->uid, sizeof h->uid, "user id"), "user id");
    m->gid = id_in(number_in(h->gid, sizeof h->gid, "group id"), "group id");
    m->mtime.tv_sec = (time_t)number_signed(h->mtime, sizeof h->mtime, "time");
    m->stored = number_in(h->size, sizeof h->size, "size");
    if (h->type == '3' || h->type == '4') {
        m->major = (unsigned)number_in(h->major, sizeof h->major, "device number");
        m->minor = (unsigned)number_in(h->minor, sizeof h->minor, "device number");
    }
}

/* An empty value means that of the header. */
static void apply(struct tar *t, const struct member *plain, const struct record *r, bool global) {
    struct member *m = &t->m;
    bool unset = !r->size;
    if (!strcmp(r->key, "path") || !strcmp(r->key, "linkpath")) {
        bool name = r->key[0] == 'p';
        if (strlen(r->value) != r->size)
            tar_refuse("it is damaged: a name holds a NUL byte");
        if (unset)
            *(name ? &m->name : &m->link) = name ? plain->name : plain->link;
        else if (!global) /* cleaned in place, and so not to be used twice */
            *(name ? &m->name : &m->link) = t->local.text + (r->value - t->local.text);
    } else if (!strcmp(r->key, "size")) {
        m->stored = unset ? plain->stored : record_number(r);
    } else if (!strcmp(r->key, "uid")) {
        m->uid = unset ? plain->uid : id_in(record_number(r), "user id");
    } else if (!strcmp(r->key, "gid")) {
        m->gid = unset ? plain->gid : id_in(record_number(r), "group id");
    } else if (!strcmp(r->key, "mtime")) {
        m->mtime = unset ? plain->mtime : record_time(r);
    } else if (!strcmp(r->key, "atime")) {
        m->has_atime = !unset;
        m->atime = unset ? plain->atime : record_time(r);
    } else if (!global && !strncmp(r->key, "GNU.sparse.", 11)) {
        sparse_record(&m->sparse, r);
    }
}

static void apply_records(struct tar *t) {
    struct member plain = t->m;
    for (size_t i = 0; i < t->global.count; i++)
        apply(t, &plain, t->global.list + i, true);
    for (size_t i = 0; i < t->local.count; i++)
        apply(t, &plain, t->local.list + i, false);
    struct sparse *s = &t->m.sparse;
    if (s->is && s->name)
        t->m.name = t->local.text + (s->name - t->local.text);
}

static void read_old_pieces(struct tar *t, const struct header *h) {
    struct sparse *s = &t->m.sparse;
    const unsigned char *all = (const unsigned char *)h;
    s->is = true;
    s->size = number_in(all + OLD_SPARSE_SIZE, 12, "size");
    bool more = sparse_old(s, all + OLD_SPARSE, 4) && all[OLD_SPARSE_MORE];
    while (more) {
        unsigned char space[BLOCK];
        const unsigned char *block = input_take(t->in, BLOCK, space);
        if (!block)
            tar_refuse("it is cut off: it ends in the middle of a header. Get it again");
        more = sparse_old(s, block, 21) && block[MORE_PIECES];
    }
}

/* What is not known is a file, as POSIX has it. */
static enum member_type type_of(char type, const char *name) {
    size_t n = strlen(name);
    if (type == 'D') /* GNU's, with the names in it as its content */
        return M_DIRECTORY;
    if (type == 'M')
        tar_refuse("it begins in the middle of a file: it is a part of an archive");
    if (type >= '1' && type <= '6')
        return (enum member_type)type;
    return n && name[n - 1] == '/' ? M_DIRECTORY : M_FILE; /* as before 1988 */
}

static struct member *finish(struct tar *t, char type) {
    struct member *m = &t->m;
    m->type = type_of(type, m->name);
    if (type >= '1' && type <= '6')
        m->stored = 0; /* whatever the header says */
    t->left = m->stored;
    t->padding = (unsigned)(-m->stored & (BLOCK - 1));
    clean(m->name);
    if (m->type == M_HARD_LINK)
        clean(m->link);
    if (m->stored > INT64_MAX - BLOCK)
        tar_refuse("%s: it is damaged: its size is %llu", m->name, (unsigned long long)m->stored);
    m->size = m->stored;
    if (m->type == M_FILE && m->sparse.is) {
        if (m->sparse.in_front)
            t->left -= sparse_map(&m->sparse, t->in, m->stored);
        m->stored = t->left;
        m->size = m->sparse.size;
        sparse_check(&m->sparse, m->stored, m->name);
    }
    return m;
}

static void skip_rest(struct tar *t) {
    input_skip(t->in, t->left);
    /* Behind the last file all of it may be missing: umoci's layers end so, and Go reads them. */
    if (!input_at_end(t->in))
        input_skip(t->in, t->padding);
    t->left = t->padding = 0;
}

struct member *tar_next(struct tar *t) {
    bool long_name = false, long_link = false;
    struct sparse kept = t->m.sparse;
    skip_rest(t);
    t->local.count = 0;
    for (;;) {
        bool within = t->local.count || long_name || long_link;
        struct header space;
        t->begin = input_position(t->in);
        const void *block = input_take(t->in, BLOCK, (unsigned char *)&space);
        if (!block || is_zero(block)) {
            if (within)
                tar_refuse("it is cut off: it ends in the middle of a header. Get it again");
            t->whole = block;
            return NULL;
        }
        if (block != &space) /* it does not stay where it is */
            memcpy(&space, block, sizeof space);
        check_sum(t, &space);
        char type = (char)space.type;
        uint64_t size = number_in(space.size, sizeof space.size, "size");
        if (type == 'x' || type == 'X') {
            take_text(t, size, t->local.text);
            records_read(&t->local, (size_t)size);
        } else if (type == 'g') {
            take_text(t, size, t->global.text);
            records_read(&t->global, (size_t)size);
        } else if (type == 'L') {
            take_text(t, size, t->long_name);
            long_name = true;
        } else if (type == 'K') {
            take_text(t, size, t->long_link);
            long_link = true;
        } else if (type == 'V') { /* the name of the archive */
            input_skip(t->in, size + (-size & (BLOCK - 1)));
        } else {
            t->m = (struct member){.sparse = kept};
            sparse_reset(&t->m.sparse);
            read_fields(t, &space);
            if (long_name)
                t->m.name = t->long_name;
            if (long_link)
                t->m.link = t->long_link;
            if (type == 'S')
                read_old_pieces(t, &space);
            apply_records(t);
            return finish(t, type);
        }
    }
}

size_t tar_piece(struct tar *t, const unsigned char **piece) {
    size_t part = t->left ? input_piece(t->in, t->left, piece) : 0;
    t->left -= part;
    return part;
}

void tar_content_is_elsewhere(struct tar *t) {
    t->left = 0;
}

static void each(const struct records *all, const char *prefix,
                 void (*found)(void *of, const struct record *r), void *of) {
    size_t n = strlen(prefix);
    for (size_t i = 0; i < all->count; i++) {
        struct record r = all->list[i];
        if (strncmp(r.key, prefix, n) != 0)
            continue;
        r.key += n;
        found(of, &r);
    }
}

void tar_xattrs(struct tar *t, void (*found)(void *of, const struct record *r), void *of) {
    each(&t->global, XATTR, found, of);
    each(&t->local, XATTR, found, of);
}

struct sought {
    const char *key, *value;
};

static void compare(void *of, const struct record *r) {
    struct sought *s = of;
    if (!strcmp(r->key, s->key))
        s->value = r->size ? r->value : NULL;
}

const char *tar_acl(const struct tar *t, const char *kind) {
    struct sought s = {.key = kind};
    each(&t->global, ACL, compare, &s);
    each(&t->local, ACL, compare, &s);
    return s.value;
}
