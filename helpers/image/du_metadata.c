#include "image/du_metadata.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "tree/du.h"
#include "tree/du_cache.h"

/* Notes, of which all are written beside and renamed. */
static const char *const NOTES[] = {"image.json", "usage.json", "run.conf", "trash.json"};

/* The directory of an image has its node at `more`, and so have its _meta, and index/. It has the
 * mark if the node was kept: then only the images in it are still to be counted. */
static bool is_image(const struct directory *d) {
    return d->more && d->name[0] >= '0' && d->name[0] <= '9';
}

/* Whether what has a number for its name in this directory is an image: in layer/0, in trash,
 * and in every image. */
static bool holds_images(const struct directory *d) {
    return is_image(d) || (d->depth == 1 && !strcmp(d->name, "trash")) ||
           (d->depth == 2 && !strcmp(d->name, "0") && !strcmp(d->parent->name, "layer"));
}

/* Whether this is the store itself, and not an operand in it. */
static bool is_store(const struct walk *w, const struct directory *d) {
    return !d->depth && !strcmp(((const struct measured *)w->more)->paths[d->tree->index], ".");
}

static bool is_operand(const struct walk *w, const char *name) {
    const struct measured *sum = w->more;
    for (size_t i = 0; i < w->trees; i++)
        if (!strcmp(sum->paths[i], name))
            return true;
    return false;
}

bool beside_leaves_out(const struct walk *w, const struct directory *d, const char *name) {
    if (is_image(d))
        return !strcmp(name, "_data") || (d->mark && !is_id(name));
    return is_store(w, d) && is_operand(w, name);
}

/* `path` is from the directory being read: what is within an image that is as it was is known. */
static void image(struct walk *w, struct worker *self, struct directory *d, const char *path,
                  uint64_t parent, uint64_t id) {
    struct node *kept = node_unchanged(d->fd, path, parent, id);
    if (!kept) {
        walk_into(self, d, path)->more = node_found(parent, id);
        return;
    }
    atomic_fetch_add(&d->tree->allocated, kept->bytes);
    atomic_fetch_add(&((struct measured *)w->more)->bytes, kept->bytes);
    if (!kept->images)
        return;
    char within[1024];
    size_t length = strlen(path);
    const struct node *children = length < sizeof within - ID_SIZE ? nodes_within(kept) : NULL;
    if (!children) {
        struct directory *into = walk_into(self, d, path);
        into->mark = true;
        into->more = kept;
        return;
    }
    memcpy(within, path, length);
    for (uint32_t i = 0; i < kept->images; i++) {
        snprintf(within + length, sizeof within - length, "/%" PRIu64, children[i].id);
        image(w, self, d, within, id, children[i].id);
    }
}

void beside_directory(struct walk *w, struct worker *self, struct directory *d, const char *name) {
    struct node *node = d->mark ? NULL : d->more;
    if (holds_images(d) && is_id(name)) {
        uint64_t parent = d->more         ? ((struct node *)d->more)->id
                          : d->depth == 1 ? (uint64_t)NODE_TRASH
                                          : NODE_LAYER;
        if (node)
            node->images++;
        image(w, self, d, name, parent, strtoul(name, NULL, 10));
        return;
    }
    if (is_store(w, d) && !strcmp(name, "index")) {
        image(w, self, d, name, (uint64_t)NODE_STORE, 0);
        return;
    }
    struct directory *into = walk_into(self, d, name);
    if (node && is_image(d) && !strcmp(name, "_meta")) {
        node->meta = true;
        into->more = node;
    } else if (node) {
        node->odd = true;
    }
}

static bool is_note(const char *name) {
    for (size_t i = 0; i < sizeof NOTES / sizeof *NOTES; i++)
        if (!strcmp(name, NOTES[i]))
            return true;
    return false;
}

void beside_file(struct directory *d, const char *name, const struct stat *st) {
    struct node *node = d->more;
    if (!node)
        return;
    bool plain = !is_image(d) && st->st_nlink == 1 &&
                 (d->name[0] == '_' ? S_ISREG(st->st_mode) && is_note(name) : S_ISLNK(st->st_mode));
    if (plain)
        node->bytes += (uint64_t)st->st_blocks * 512;
    else
        node->odd = true;
}

void beside_opened(struct directory *d, const struct stat *st) {
    struct node *node = d->more;
    if (!node)
        return;
    node->bytes += (uint64_t)st->st_blocks * 512;
    node_opened(node, st, d->name[0] == '_');
}
