/* One number for each image, kept from one counting to the next: what its directory takes beside
 * its content and other images. It holds while nothing is put into the directory or its _meta,
 * or taken out: notes are written beside and renamed, so nothing grows where it is. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

struct node {
    uint64_t parent, id, inode;
    int64_t changed, meta_changed; /* ctime, ns; 0: not known, or too young to tell */
    _Atomic uint64_t bytes;        /* of the directory, _meta, and the notes in it */
    uint32_t images;               /* in the directory */
    bool meta;                     /* it has a _meta */
    _Atomic bool odd;              /* it holds something else besides: not kept */
};

/* Parents that are no images. In the store, index/ is 0: links never grow either. */
enum { NODE_LAYER = 0, NODE_TRASH = -1, NODE_STORE = -2 };

/* Those kept in a file; none if it is missing or damaged. */
void nodes_load(const char *path);

/* The one kept of the image whose directory is `path` from `dir`, if it is as it was. */
struct node *node_unchanged(int dir, const char *path, uint64_t parent, uint64_t id);

/* All images in the directory of a kept one: they begin at the result, and are as many as
 * `images` of the node says. NULL if not all are kept. */
const struct node *nodes_within(const struct node *node);

/* A new one, from any thread, and the status of its directory or of its _meta's. */
struct node *node_found(uint64_t parent, uint64_t id);
void node_opened(struct node *node, const struct stat *st, bool meta);

/* Writes the file anew if there is anything new. One that cannot be written is only missing. */
void nodes_save(const char *path);
