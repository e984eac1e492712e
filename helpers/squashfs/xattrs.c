#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/little_endian.h"
#include "squashfs/metadata.h"

enum {
    NONE = 0xffffffffU,
    ENTRY = 16,
    MOST_NAME = 255,
    PREFIX = 0xff,
    ELSEWHERE = 0x100, /* the value is at another place, which several files share */
    MOST = 4096,
};
static const char *const prefixes[] = {"user.", "trusted.", "security."};

struct attribute {
    char name[MOST_NAME + 1];
    size_t size;
    uint8_t *value;
};

static struct squashfs_cursor cursor_at(const struct squashfs *s, uint64_t place) {
    return (struct squashfs_cursor){.block = s->xattr_table + (place >> 16),
                                    .offset = (uint32_t)(place & 0xffff)};
}

static int read_value(struct squashfs *s, struct squashfs_cursor *c, struct attribute *a) {
    uint8_t size[4];
    int error = metadata_read(s, c, size, sizeof size);
    if (error)
        return error;
    a->size = little32(size);
    if (a->size > SQUASHFS_XATTR)
        return -EIO;
    a->value = malloc(a->size + 1);
    if (!a->value)
        return -ENOMEM;
    return metadata_read(s, c, a->value, a->size);
}

static int read_value_elsewhere(struct squashfs *s, struct squashfs_cursor *c,
                                struct attribute *a) {
    uint8_t b[4 + 8];
    int error = metadata_read(s, c, b, sizeof b);
    if (error || little32(b) != 8)
        return error ? error : -EIO;
    struct squashfs_cursor there = cursor_at(s, little64(b + 4));
    return read_value(s, &there, a);
}

static int read_attribute(struct squashfs *s, struct squashfs_cursor *c, struct attribute *a) {
    uint8_t b[4];
    int error = metadata_read(s, c, b, sizeof b);
    if (error)
        return error;
    unsigned type = little16(b), length = little16(b + 2), prefix = type & PREFIX;
    if (prefix >= sizeof prefixes / sizeof *prefixes)
        return -EIO;
    size_t begin = (size_t)snprintf(a->name, sizeof a->name, "%s", prefixes[prefix]);
    if (!length || length > MOST_NAME - begin)
        return -EIO;
    error = metadata_read(s, c, a->name + begin, length);
    if (error)
        return error;
    a->name[begin + length] = 0;
    return type & ELSEWHERE ? read_value_elsewhere(s, c, a) : read_value(s, c, a);
}

int squashfs_xattrs(struct squashfs *s, const struct squashfs_inode *inode,
                    squashfs_each_xattr *each, void *of) {
    enum { ENTRIES = METADATA_BLOCK / ENTRY };
    uint8_t b[ENTRY];
    if (inode->xattrs == NONE || !s->xattrs)
        return 0;
    if (inode->xattrs >= s->xattrs)
        return -EIO;
    struct squashfs_cursor c = {.block = s->xattr_blocks[inode->xattrs / ENTRIES],
                                .offset = inode->xattrs % ENTRIES * ENTRY};
    int error = metadata_read(s, &c, b, sizeof b);
    if (error)
        return error;
    uint32_t count = little32(b + 8);
    c = cursor_at(s, little64(b));
    if (count > MOST)
        return -EIO;
    for (; !error && count; count--) {
        struct attribute a = {0};
        error = read_attribute(s, &c, &a);
        if (!error)
            error = each(of, a.name, a.value, a.size);
        free(a.value);
    }
    return error;
}
