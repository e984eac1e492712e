/* Reading a squashfs 4.0 that lies in a file, by any number of threads.
 *
 * Nothing in it is believed: each offset, size and count is checked where it is used, nothing
 * outside it is read, and a name never leads out of its directory. What fails returns a negative
 * errno, EIO if the squashfs is wrong. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "decode/decode.h"

enum { SQUASHFS_NAME = 256, SQUASHFS_LINK = 4096, SQUASHFS_XATTR = 65536 };

struct squashfs {
    int fd;
    uint64_t begin, size; /* where it lies in the file */
    uint32_t block_size, fragments, inodes;
    uint64_t root; /* where its inode is, as below */
    uint64_t inode_table, directory_table, xattr_table;
    uint64_t *fragment_blocks, *xattr_blocks; /* where the blocks of these tables begin */
    uint32_t xattrs;                          /* 0: no file has any */
    uint32_t *ids;
    uint16_t id_count;
    decoder *decode;
    void (*before_decoding)(void); /* what a thread does before it is busy for a while; or NULL */
    struct metadata_cache *metadata;
    struct block_cache *blocks;
};

/* Open the squashfs at `begin`. Returns NULL, or why it cannot be read. The descriptor stays the
 * caller's. */
const char *squashfs_open(struct squashfs *s, int fd, uint64_t begin);
void squashfs_close(struct squashfs *s);

/* A position in a table of metadata. */
struct squashfs_cursor {
    uint64_t block;
    uint32_t offset;
};

struct squashfs_inode {
    uint64_t where; /* the block in the inode table << 16 | the offset in it; a name for the file */
    mode_t mode;    /* with its type */
    uint32_t uid, gid, mtime, number, links, device, parent, xattrs;
    uint64_t size;
    uint64_t start; /* of a file: its first block; of a directory: the block of its list */
    uint32_t fragment, offset, indexes;
    struct squashfs_cursor more; /* behind the fixed part: blocks, index or text */
};

int squashfs_inode(struct squashfs *s, uint64_t where, struct squashfs_inode *inode);

/* Find a path from the root; "" is the root itself. No link is followed. */
int squashfs_find(struct squashfs *s, const char *path, struct squashfs_inode *inode);
int squashfs_lookup(struct squashfs *s, const struct squashfs_inode *dir, const char *name,
                    uint64_t *where);

/* The files in a directory, one after the other. A copy of it goes on from there. */
struct squashfs_listing {
    struct squashfs_cursor cursor;
    uint64_t end;        /* of the list, in bytes */
    uint64_t at;         /* likewise */
    uint32_t left, base; /* of this part of the list */
    uint64_t block;      /* of the inodes */
    uint64_t where;      /* of the file: its inode, */
    mode_t type;         /* S_IF…, */
    uint32_t number;     /* and number */
    char name[SQUASHFS_NAME + 1];
};
int squashfs_list(struct squashfs *s, const struct squashfs_inode *dir, struct squashfs_listing *l);
/* Returns 1 and sets name, where, type and number; 0 at the end. */
int squashfs_next(struct squashfs *s, struct squashfs_listing *l);

/* Read at most `count` bytes of a file; less only at its end. */
ssize_t squashfs_read(struct squashfs *s, const struct squashfs_inode *file, uint64_t from,
                      uint8_t *to, size_t count);

/* A file from its beginning to its end, block by block. */
struct squashfs_stream {
    const struct squashfs_inode *file;
    struct squashfs_cursor cursor;
    uint64_t index, blocks, at; /* the next block, how many there are, where it lies */
};
void squashfs_stream(struct squashfs *s, const struct squashfs_inode *file,
                     struct squashfs_stream *stream);
/* Returns how many bytes come next, 0 at the end. They are in `to`, which has room for a block; but
 * where they are a hole, nothing is written there. */
ssize_t squashfs_stream_next(struct squashfs *s, struct squashfs_stream *stream, uint8_t *to,
                             bool *is_hole);

/* Returns the length of the text, to which a 0 is added. */
int squashfs_readlink(struct squashfs *s, const struct squashfs_inode *link,
                      char text[SQUASHFS_LINK]);

/* Call `each` for each extended attribute, until it returns something else than 0. */
typedef int squashfs_each_xattr(void *of, const char *name, const uint8_t *value, size_t size);
int squashfs_xattrs(struct squashfs *s, const struct squashfs_inode *inode,
                    squashfs_each_xattr *each, void *of);
