#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/little_endian.h"
#include "squashfs/metadata.h"

enum { NONE = 0xffffffffU, KINDS = 7, HEADER = 16, MOST_FIXED = 40 };
enum kind { DIRECTORY = 1, REGULAR, LINK, BLOCK_DEVICE, CHARACTER_DEVICE, FIFO, SOCKET };

static const mode_t types[KINDS + 1] = {0,       S_IFDIR, S_IFREG, S_IFLNK,
                                        S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK};
/* How long the fixed part is, behind the header: of each kind, and of its extended form. */
static const uint8_t basic[KINDS + 1] = {0, 16, 16, 8, 8, 8, 4, 4};
static const uint8_t extended[KINDS + 1] = {0, 24, 40, 8, 12, 12, 8, 8};

static void read_directory(struct squashfs_inode *i, const uint8_t *b, bool is_extended) {
    i->links = little32(b + (is_extended ? 0 : 4));
    i->start = little32(b + (is_extended ? 8 : 0));
    i->parent = little32(b + 12);
    if (is_extended) {
        i->size = little32(b + 4);
        i->indexes = little16(b + 16);
        i->offset = little16(b + 18);
        i->xattrs = little32(b + 20);
    } else {
        i->size = little16(b + 8);
        i->offset = little16(b + 10);
    }
}

static void read_file(struct squashfs_inode *i, const uint8_t *b, bool is_extended) {
    if (is_extended) {
        i->start = little64(b);
        i->size = little64(b + 8);
        i->links = little32(b + 24);
        i->fragment = little32(b + 28);
        i->offset = little32(b + 32);
        i->xattrs = little32(b + 36);
    } else {
        i->start = little32(b);
        i->fragment = little32(b + 4);
        i->offset = little32(b + 8);
        i->size = little32(b + 12);
    }
}

/* The index of the attributes of an extended link is behind its text. */
static int read_link_xattrs(struct squashfs *s, struct squashfs_inode *i) {
    uint8_t b[4];
    struct squashfs_cursor behind = i->more;
    if (i->size >= SQUASHFS_LINK)
        return -EIO;
    int error = metadata_skip(s, &behind, (size_t)i->size);
    if (!error)
        error = metadata_read(s, &behind, b, sizeof b);
    i->xattrs = error ? NONE : little32(b);
    return error;
}

static void read_fixed(struct squashfs_inode *i, const uint8_t *b, enum kind kind,
                       bool is_extended) {
    switch (kind) {
    case DIRECTORY:
        read_directory(i, b, is_extended);
        return;
    case REGULAR:
        read_file(i, b, is_extended);
        return;
    case LINK:
        i->size = little32(b + 4);
        break;
    case BLOCK_DEVICE:
    case CHARACTER_DEVICE:
        i->device = little32(b + 4);
        i->xattrs = is_extended ? little32(b + 8) : NONE;
        break;
    default:
        i->xattrs = is_extended ? little32(b + 4) : NONE;
    }
    i->links = little32(b);
}

int squashfs_inode(struct squashfs *s, uint64_t where, struct squashfs_inode *inode) {
    uint8_t b[MOST_FIXED];
    struct squashfs_cursor c = {.block = s->inode_table + (where >> 16),
                                .offset = (uint32_t)(where & 0xffff)};
    int error = where >> 48 ? -EIO : metadata_read(s, &c, b, HEADER);
    if (error)
        return error;
    unsigned type = little16(b), uid = little16(b + 4), gid = little16(b + 6);
    if (type < 1 || type > 2 * KINDS || uid >= s->id_count || gid >= s->id_count)
        return -EIO;
    bool is_extended = type > KINDS;
    enum kind kind = (enum kind)(is_extended ? type - KINDS : type);
    *inode = (struct squashfs_inode){
        .where = where,
        .mode = types[kind] | (little16(b + 2) & 07777),
        .uid = s->ids[uid],
        .gid = s->ids[gid],
        .mtime = little32(b + 8),
        .number = little32(b + 12),
        .links = 1,
        .fragment = NONE,
        .xattrs = NONE,
    };
    error = metadata_read(s, &c, b, is_extended ? extended[kind] : basic[kind]);
    if (error)
        return error;
    read_fixed(inode, b, kind, is_extended);
    inode->more = c;
    if (inode->size > INT64_MAX - MOST_BLOCK)
        return -EIO;
    return kind == LINK && is_extended ? read_link_xattrs(s, inode) : 0;
}

int squashfs_readlink(struct squashfs *s, const struct squashfs_inode *link,
                      char text[SQUASHFS_LINK]) {
    if (!S_ISLNK(link->mode))
        return -EINVAL;
    if (!link->size || link->size >= SQUASHFS_LINK)
        return -EIO;
    struct squashfs_cursor c = link->more;
    int error = metadata_read(s, &c, text, (size_t)link->size);
    if (error)
        return error;
    text[link->size] = 0;
    return strlen(text) == link->size ? (int)link->size : -EIO;
}
