#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/little_endian.h"
#include "squashfs/metadata.h"

enum {
    HEADER = 12, /* of a part of the list: so many files whose inodes are in one block */
    ENTRY = 8,   /* before each name */
    MOST_PART = 256,
    LESS = 3, /* the size says so many bytes too much */
};

int squashfs_list(struct squashfs *s, const struct squashfs_inode *dir,
                  struct squashfs_listing *l) {
    if (!S_ISDIR(dir->mode))
        return -ENOTDIR;
    *l = (struct squashfs_listing){
        .cursor = {.block = s->directory_table + dir->start, .offset = dir->offset},
        .end = dir->size < LESS ? 0 : dir->size - LESS,
    };
    return 0;
}

static int next_part(struct squashfs *s, struct squashfs_listing *l) {
    uint8_t b[HEADER];
    int error = metadata_read(s, &l->cursor, b, sizeof b);
    if (error)
        return error;
    l->left = little32(b) + 1;
    l->block = little32(b + 4);
    l->base = little32(b + 8);
    l->at += sizeof b;
    return l->left > MOST_PART || !l->left ? -EIO : 0;
}

/* A name is one step down. */
static bool is_name(const char *name, size_t length) {
    return strlen(name) == length && !strchr(name, '/') && strcmp(name, ".") != 0 &&
           strcmp(name, "..") != 0;
}

int squashfs_next(struct squashfs *s, struct squashfs_listing *l) {
    static const mode_t types[] = {0,       S_IFDIR, S_IFREG, S_IFLNK,
                                   S_IFBLK, S_IFCHR, S_IFIFO, S_IFSOCK};
    uint8_t b[ENTRY];
    int error;
    if (!l->left) {
        if (l->at + HEADER > l->end)
            return 0;
        error = next_part(s, l);
        if (error)
            return error;
    }
    if (l->at + ENTRY > l->end)
        return -EIO;
    error = metadata_read(s, &l->cursor, b, sizeof b);
    if (error)
        return error;
    unsigned type = little16(b + 4), length = little16(b + 6) + 1U;
    if (length > SQUASHFS_NAME || type >= sizeof types / sizeof *types)
        return -EIO;
    error = metadata_read(s, &l->cursor, l->name, length);
    if (error)
        return error;
    l->name[length] = 0;
    if (!is_name(l->name, length))
        return -EIO;
    l->where = l->block << 16 | little16(b);
    l->type = types[type];
    l->number = (uint32_t)((int64_t)l->base + (int16_t)little16(b + 2));
    l->at += ENTRY + length;
    l->left--;
    return 1;
}

/* A large directory has an index: the first name of some parts of its list. Go to the last one that
 * is not behind `name`. */
static int skip_by_index(struct squashfs *s, const struct squashfs_inode *dir, const char *name,
                         struct squashfs_listing *l) {
    struct squashfs_cursor c = dir->more;
    for (uint32_t i = 0; i < dir->indexes; i++) {
        uint8_t b[12];
        char first[SQUASHFS_NAME + 1];
        int error = metadata_read(s, &c, b, sizeof b);
        if (error)
            return error;
        uint32_t at = little32(b), block = little32(b + 4);
        size_t length = (size_t)little32(b + 8) + 1;
        if (length > SQUASHFS_NAME || at > l->end)
            return -EIO;
        error = metadata_read(s, &c, first, length);
        if (error)
            return error;
        first[length] = 0;
        if (strcmp(first, name) > 0)
            return 0;
        l->at = at;
        l->cursor = (struct squashfs_cursor){
            .block = s->directory_table + block,
            .offset = (dir->offset + at) % METADATA_BLOCK,
        };
    }
    return 0;
}

int squashfs_lookup(struct squashfs *s, const struct squashfs_inode *dir, const char *name,
                    uint64_t *where) {
    struct squashfs_listing l;
    int found = squashfs_list(s, dir, &l);
    if (!found)
        found = skip_by_index(s, dir, name, &l);
    while (found >= 0) {
        found = squashfs_next(s, &l);
        int order = found > 0 ? strcmp(l.name, name) : 1;
        if (found > 0 && order == 0) {
            *where = l.where;
            return 0;
        }
        if (found >= 0 && order > 0) /* they are sorted */
            return -ENOENT;
    }
    return found;
}

int squashfs_find(struct squashfs *s, const char *path, struct squashfs_inode *inode) {
    int error = squashfs_inode(s, s->root, inode);
    while (!error && *path) {
        char name[SQUASHFS_NAME + 1];
        size_t length = strcspn(path, "/");
        uint64_t where;
        if (length > SQUASHFS_NAME)
            return -ENAMETOOLONG;
        memcpy(name, path, length);
        name[length] = 0;
        path += length + (path[length] == '/');
        if (!length)
            continue;
        error = squashfs_lookup(s, inode, name, &where);
        if (!error)
            error = squashfs_inode(s, where, inode);
    }
    return error;
}
