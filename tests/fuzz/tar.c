/* Tars: whatever the bytes, names stay inside, and what a member claims fits together. */
#include "tar/acl.h"
#include "tar/member.h"

#include "fuzz.h"

/* The linker puts it in the place of _exit (--wrap), which is where failures end. */
_Noreturn void __wrap__exit(int status);
static jmp_buf out;
_Noreturn void __wrap__exit(int status) {
    never(status != 2 && status != 1);
    longjmp(out, 1);
}

static void check_name(const char *name) {
    never(strlen(name) > MOST_NAME || name[0] == '/');
    for (const char *at = name; *at;) {
        size_t n = strcspn(at, "/");
        never(n == 0 || (n == 1 && *at == '.') || (n == 2 && !memcmp(at, "..", 2)));
        at += n + (at[n] == '/');
        never(at[-1] == '/' && !*at);
    }
}

static void check_xattr(void *of, const struct record *r) {
    size_t *sum = of;
    never(strlen(r->key) > MOST_HEADER || r->value[r->size]);
    *sum += r->size;
}

static void check(struct tar *t, const struct member *m) {
    static unsigned char value[MOST_ACL];
    size_t sum = 0;
    const char *acl = tar_acl(t, "access");
    check_name(m->name);
    if (m->type == M_HARD_LINK)
        check_name(m->link);
    never(m->type < M_FILE || m->type > M_FIFO || m->mode > 07777);
    never(m->mtime.tv_nsec < 0 || m->mtime.tv_nsec >= 1000000000);
    tar_xattrs(t, check_xattr, &sum);
    never(sum > 2 * MOST_HEADER);
    if (acl)
        never(acl_from_text(acl, value) > sizeof value);
    if (m->type != M_FILE || !m->sparse.is)
        return;
    sum = 0;
    for (size_t i = 0; i < m->sparse.count; i++) {
        never(m->sparse.pieces[i].offset + m->sparse.pieces[i].length > m->size);
        sum += m->sparse.pieces[i].length;
    }
    never(sum != m->stored);
}

/* Its tables outlive the jump. */
static void begin(struct tar *t, struct input *in) {
    if (!t->in)
        tar_open(t, in);
    struct records global = t->global, local = t->local;
    struct sparse sparse = t->m.sparse;
    global.count = local.count = 0;
    *t = (struct tar){.in = in,
                      .global = global,
                      .local = local,
                      .long_name = t->long_name,
                      .long_link = t->long_link,
                      .m.sparse = sparse};
}

/* Else hardly a header would be read. */
static void correct_sums(uint8_t *data, size_t size) {
    for (uint8_t *block = data; size >= 512; block += 512, size -= 512) {
        unsigned sum = 0;
        if (memcmp(block + 257, "ustar", 5) != 0)
            continue;
        memset(block + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++)
            sum += block[i];
        char digits[16];
        snprintf(digits, sizeof digits, "%06o", sum);
        memcpy(block + 148, digits, 7);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct tar t;
    static struct input in;
    static unsigned char *buffer;
    static int fd;
    uint8_t *copy = (uint8_t *)text_of(data, size);
    correct_sums(copy, size);
    fd = file_of(copy, size);
    free(copy);
    if (!buffer) {
        input_open(&in, fd, NULL);
        buffer = in.buffer;
    }
    in = (struct input){.fd = fd, .buffer = buffer, .at = buffer, .end = buffer};
    begin(&t, &in);
    if (setjmp(out) == 0) {
        const unsigned char *piece;
        for (const struct member *m; (m = tar_next(&t));) {
            check(&t, m);
            uint64_t content = 0;
            for (size_t n; (n = tar_piece(&t, &piece));)
                content += n;
            never(m->type == M_FILE && content != m->stored);
        }
        input_drain(&in);
        never(input_position(&in) != size);
    }
    close(fd);
    return 0;
}
