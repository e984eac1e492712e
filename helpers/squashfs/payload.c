#include "squashfs/payload.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fingerprint.h"
#include "base/little_endian.h"

/* The table of sections, of 32 or of 64 bits. */
struct sections {
    bool is_64;
    uint64_t at;
    unsigned size, count, names;
};
struct section {
    uint32_t name;
    uint64_t at, size;
};

static bool read_at(int fd, uint64_t at, void *to, size_t count) {
    return at <= INT64_MAX && pread(fd, to, count, (off_t)at) == (ssize_t)count;
}

static bool find_sections(int fd, struct sections *s) {
    uint8_t b[sizeof(Elf64_Ehdr)];
    if (!read_at(fd, 0, b, sizeof b) || memcmp(b, ELFMAG, SELFMAG) != 0 ||
        b[EI_DATA] != ELFDATA2LSB)
        return false;
    s->is_64 = b[EI_CLASS] == ELFCLASS64;
    size_t rest = s->is_64 ? offsetof(Elf64_Ehdr, e_shentsize) : offsetof(Elf32_Ehdr, e_shentsize);
    s->at = s->is_64 ? little64(b + offsetof(Elf64_Ehdr, e_shoff))
                     : little32(b + offsetof(Elf32_Ehdr, e_shoff));
    s->size = little16(b + rest);
    s->count = little16(b + rest + 2);
    s->names = little16(b + rest + 4);
    return s->at && s->at < INT64_MAX / 2 && s->count && s->names < s->count &&
           s->size >= (s->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr));
}

static bool read_section(int fd, const struct sections *all, unsigned index, struct section *s) {
    uint8_t b[sizeof(Elf64_Shdr)];
    size_t size = all->is_64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
    if (!read_at(fd, all->at + (uint64_t)index * all->size, b, size))
        return false;
    s->name = little32(b);
    if (all->is_64) {
        s->at = little64(b + offsetof(Elf64_Shdr, sh_offset));
        s->size = little64(b + offsetof(Elf64_Shdr, sh_size));
    } else {
        s->at = little32(b + offsetof(Elf32_Shdr, sh_offset));
        s->size = little32(b + offsetof(Elf32_Shdr, sh_size));
    }
    return s->at < INT64_MAX / 2 && s->size < INT64_MAX / 2;
}

static void read_digest(int fd, const struct section *s, struct payload *p) {
    uint64_t at = s->at + sizeof PAYLOAD_STAMP;
    char digits[DIGEST_TEXT + 1] = "";
    if (s->size < sizeof PAYLOAD_STAMP + DIGEST_TEXT || !read_at(fd, at, digits, DIGEST_TEXT))
        return;
    p->digest_at = at;
    if (strspn(digits, "0123456789abcdef") == DIGEST_TEXT)
        memcpy(p->digest, digits, sizeof digits);
}

const char *payload_find(int fd, struct payload *p) {
    static const char wrong[] = "it does not begin with a program";
    struct sections all;
    struct section s, names;
    *p = (struct payload){0};
    if (!find_sections(fd, &all) || !read_section(fd, &all, all.names, &names))
        return wrong;
    p->begin = all.at + (uint64_t)all.count * all.size;
    for (unsigned i = 0; i < all.count; i++) {
        char name[sizeof PAYLOAD_SECTION];
        if (!read_section(fd, &all, i, &s))
            return wrong;
        if (read_at(fd, names.at + s.name, name, sizeof name) &&
            !memcmp(name, PAYLOAD_SECTION, sizeof name))
            read_digest(fd, &s, p);
    }
    if (s.at + s.size > p->begin) /* of the last one, as AppImages have it */
        p->begin = s.at + s.size;
    return NULL;
}

bool payload_digest(int fd, const struct payload *p, char digest[DIGEST_TEXT + 1]) {
    uint8_t sum[SHA256_SIZE];
    if (!file_digest(fd, p->begin, sum))
        return false;
    for (size_t i = 0; i < sizeof sum; i++)
        snprintf(digest + 2 * i, 3, "%02x", sum[i]);
    return true;
}

const char *payload_verify(int fd, const struct payload *p) {
    char digest[DIGEST_TEXT + 1];
    if (!p->digest[0])
        return "it has no digest";
    if (!payload_digest(fd, p, digest))
        return strerror(errno);
    return strcmp(digest, p->digest) == 0 ? NULL : "it was changed since it was made";
}
