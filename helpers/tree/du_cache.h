/* The cache of disk usage: for each image, the bytes of its directory without its content and
 * without other images. An entry holds while nothing is added to or removed from the directory or
 * its _meta. Files there do not grow in place: they are written under another name and renamed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct node {
    uint64_t parent, id, inode;
    int64_t changed, meta_changed; /* ctime, ns; 0: not known, or too young to tell */
    _Atomic uint64_t bytes;        /* of the directory, _meta, and the files in it */
    uint32_t images;               /* in the directory */
    bool meta;                     /* it has a _meta */
    _Atomic bool odd;              /* it holds something else: not cached */
};

/* Parents that are not images. In NODE_STORE, index/ has the id 0: links do not grow either. */
enum { NODE_LAYER = 0, NODE_TRASH = -1, NODE_STORE = -2 };

/* Load the cache; it is empty if the file is missing or damaged. */
void nodes_load(const char *path);

/* Return the cached entry of the image whose directory is `path` below `dir`, if it still holds. */
struct node *node_unchanged(int dir, const char *path, uint64_t parent, uint64_t id);

/* Return the first of the cached images inside the directory of `node`; the others follow,
 * `node->images` in all. NULL if not all of them are cached. */
const struct node *nodes_within(const struct node *node);

/* Add an entry (from any thread); record the status of its directory, or of its _meta. */
struct node *node_found(uint64_t parent, uint64_t id);
void node_opened(struct node *node, const struct stat *st, bool meta);

/* Write the file if anything is new. A failure is ignored. */
void nodes_save(const char *path);
