#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/little_endian.h"
#include "squashfs/blocks.h"
#include "squashfs/metadata.h"

enum {
    SUPERBLOCK = 96,
    ID_SIZE = 4,
    ENTRY_SIZE = 16, /* of the tables of fragments and attributes */
};
static const uint32_t MAGIC = 0x73717368; /* "hsqs" */
static const uint64_t NONE = UINT64_MAX;

static const char *choose_decoder(struct squashfs *s, unsigned compression) {
    switch (compression) {
    case 1:
        s->decode = decode_zlib;
        return NULL;
    case 2:
        return "it is compressed with lzma, which is not supported";
    case 3:
        return "it is compressed with lzo, which is not supported";
    case 4:
        s->decode = decode_xz;
        return NULL;
    case 5:
        s->decode = decode_lz4;
        return NULL;
    case 6:
        s->decode = decode_zstd;
        return NULL;
    default:
        return "it is compressed in an unknown way";
    }
}

static const char *read_superblock(struct squashfs *s, uint8_t b[SUPERBLOCK]) {
    s->size = SUPERBLOCK;
    if (!squashfs_bytes(s, 0, b, SUPERBLOCK) || little32(b) != MAGIC)
        return "there is no squashfs";
    if (little16(b + 28) != 4 || little16(b + 30) != 0)
        return "it is a squashfs of another version than 4.0";
    s->inodes = little32(b + 4);
    s->block_size = little32(b + 12);
    s->fragments = little32(b + 16);
    s->id_count = little16(b + 26);
    s->root = little64(b + 32);
    s->size = little64(b + 40);
    s->inode_table = little64(b + 64);
    s->directory_table = little64(b + 72);
    off_t end = lseek(s->fd, 0, SEEK_END);
    if (end < 0 || (uint64_t)end < s->begin || s->size > (uint64_t)end - s->begin)
        return "its end is missing";
    if (s->size < SUPERBLOCK || s->inode_table >= s->size || s->directory_table >= s->size ||
        s->block_size < 4096 || s->block_size > MOST_BLOCK || (s->block_size & (s->block_size - 1)))
        return "its first block is damaged";
    return choose_decoder(s, little16(b + 20));
}

/* Where the blocks begin of a table with `count` entries of `each` bytes. */
static uint64_t *read_index(const struct squashfs *s, uint64_t at, uint64_t count, uint64_t each,
                            size_t *blocks) {
    uint64_t needed = (count * each + METADATA_BLOCK - 1) / METADATA_BLOCK;
    if (needed > s->size / sizeof(uint64_t))
        return NULL;
    *blocks = (size_t)needed;
    uint64_t *list = malloc((*blocks + 1) * sizeof *list);
    if (!list || !squashfs_bytes(s, at, list, *blocks * sizeof *list)) {
        free(list);
        return NULL;
    }
    for (size_t i = 0; i < *blocks; i++)
        list[i] = little64(list + i);
    return list;
}

static bool read_ids(struct squashfs *s, uint64_t at) {
    size_t blocks, left = (size_t)s->id_count * ID_SIZE;
    uint64_t *list = read_index(s, at, s->id_count, ID_SIZE, &blocks);
    s->ids = malloc(left + ID_SIZE);
    bool read = list && s->ids;
    for (size_t i = 0; read && i < blocks; i++) {
        struct squashfs_cursor c = {.block = list[i]};
        size_t some = left < METADATA_BLOCK ? left : METADATA_BLOCK;
        read = metadata_read(s, &c, (char *)s->ids + i * METADATA_BLOCK, some) == 0;
        left -= some;
    }
    free(list);
    for (size_t i = 0; read && i < s->id_count; i++)
        s->ids[i] = little32(s->ids + i);
    return read;
}

static bool read_xattr_table(struct squashfs *s, uint64_t at) {
    uint8_t head[16];
    size_t blocks;
    if (at == NONE)
        return true;
    if (at >= s->size || !squashfs_bytes(s, at, head, sizeof head))
        return false;
    s->xattr_table = little64(head);
    s->xattrs = little32(head + 8);
    s->xattr_blocks = read_index(s, at + sizeof head, s->xattrs, ENTRY_SIZE, &blocks);
    return s->xattr_blocks && s->xattr_table < s->size;
}

static const char *read_tables(struct squashfs *s, const uint8_t b[SUPERBLOCK]) {
    size_t blocks;
    struct squashfs_inode root;
    s->metadata = metadata_cache();
    s->blocks = block_cache(s->block_size);
    if (!s->metadata || !s->blocks)
        return strerror(ENOMEM);
    if (!read_ids(s, little64(b + 48)))
        return "its owners cannot be read";
    if (s->fragments) {
        s->fragment_blocks = read_index(s, little64(b + 80), s->fragments, ENTRY_SIZE, &blocks);
        if (!s->fragment_blocks)
            return "its list of fragments cannot be read";
    }
    if (!read_xattr_table(s, little64(b + 56)))
        return "its list of extended attributes cannot be read";
    if (squashfs_inode(s, s->root, &root) < 0 || !S_ISDIR(root.mode))
        return "its root directory cannot be read";
    return NULL;
}

const char *squashfs_open(struct squashfs *s, int fd, uint64_t begin) {
    uint8_t superblock[SUPERBLOCK];
    *s = (struct squashfs){.fd = fd, .begin = begin};
    const char *why = begin > INT64_MAX ? "there is no squashfs" : read_superblock(s, superblock);
    if (!why)
        why = read_tables(s, superblock);
    if (why)
        squashfs_close(s);
    return why;
}

void squashfs_close(struct squashfs *s) {
    metadata_free(s->metadata);
    block_cache_free(s->blocks);
    free(s->fragment_blocks);
    free(s->xattr_blocks);
    free(s->ids);
    *s = (struct squashfs){.fd = -1};
}
