#include "tar/acl.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "userns/passwd.h"

/* include/uapi/linux/posix_acl_xattr.h */
enum { VERSION = 2, ENTRY = 8 };
enum { USER_OBJ = 1, USER = 2, GROUP_OBJ = 4, GROUP = 8, MASK = 16, OTHER = 32 };
static const uint32_t NOBODY = UINT32_MAX;

struct entry {
    unsigned tag, rights;
    uint32_t id;
};

static bool is(const char *word, const char *whole) {
    return *word && (!strcmp(word, whole) || (word[0] == whole[0] && !word[1]));
}

static bool id_of(const char *who, bool group, uint32_t *id) {
    unsigned number;
    if (is_number(who, &number)) {
        *id = number;
        return true;
    }
    struct account found;
    gid_t gid;
    int fd = open(group ? "/etc/group" : "/etc/passwd", O_RDONLY | O_CLOEXEC);
    if (group) {
        bool known = group_in(fd, who, &gid);
        *id = known ? gid : NOBODY;
        return known;
    }
    if (!account_in(fd, who, 0, &found))
        return false;
    *id = found.uid;
    free(found.name);
    free(found.home);
    free(found.shell);
    return true;
}

static bool read_rights(const char *text, unsigned *rights) {
    *rights = 0;
    for (; *text && *text != ' ' && *text != '\t'; text++)
        switch (*text) {
        case 'r':
            *rights |= 4;
            break;
        case 'w':
            *rights |= 2;
            break;
        case 'x':
            *rights |= 1;
            break;
        case '-':
            break;
        default:
            return false;
        }
    return true;
}

/* TAG:WHO:rwx, in some archives with :ID after it; or TAG:rwx */
static bool read_entry(char *text, struct entry *e) {
    char *part[4] = {NULL};
    for (int i = 0; i < 4 && text; i++)
        part[i] = strsep(&text, ":");
    const char *tag = part[0], *who = part[2] ? part[1] : "", *rights = part[2] ? part[2] : part[1];
    bool user = is(tag, "user"), group = is(tag, "group");
    if (!rights || !read_rights(rights, &e->rights))
        return false;
    e->id = NOBODY;
    if (user || group) {
        e->tag = user ? (*who ? USER : USER_OBJ) : *who ? GROUP : GROUP_OBJ;
        return !*who || id_of(part[3] && *part[3] ? part[3] : who, group, &e->id);
    }
    e->tag = is(tag, "mask") ? MASK : is(tag, "other") ? OTHER : 0;
    return e->tag && !*who;
}

static int by_tag(const void *one, const void *other) {
    const struct entry *a = one, *b = other;
    if (a->tag != b->tag)
        return a->tag < b->tag ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static void put(unsigned char *to, size_t width, uint32_t value) {
    for (size_t i = 0; i < width; i++)
        to[i] = (unsigned char)(value >> 8 * i); /* little-endian everywhere */
}

size_t acl_from_text(const char *text, unsigned char *value) {
    static struct entry all[(MOST_ACL - 4) / ENTRY];
    size_t count = 0;
    char *copy = must_copy(text), *rest = copy;
    bool good = true;
    for (char *word; good && (word = strsep(&rest, ",\n"));) {
        word += strspn(word, " \t");
        word[strcspn(word, "#")] = 0;
        if (!*word)
            continue;
        good = count < sizeof all / sizeof *all && read_entry(word, all + count);
        count++;
    }
    free(copy);
    if (!good || !count)
        return 0;
    qsort(all, count, sizeof *all, by_tag);
    put(value, 4, VERSION);
    for (size_t i = 0; i < count; i++) {
        unsigned char *to = value + 4 + i * ENTRY;
        put(to, 2, all[i].tag);
        put(to + 2, 2, all[i].rights);
        put(to + 4, 4, all[i].id);
    }
    return 4 + count * ENTRY;
}
