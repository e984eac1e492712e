#include "packing/layer_attributes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/xattr.h>

#include "packing/unpack_facts.h"
#include "tar/attributes.h"
#include "tar/owners.h"
#include "tar/trouble.h"

enum { MOST_NAMES = 65536 };

static char names[MOST_NAMES], values[MOST_HEADER];

static bool is_kept(const char *name) {
    return attribute_is_kept(name) || !strcmp(name, ACCESS_ACL) || !strcmp(name, DEFAULT_ACL);
}

/* Returns what the overlay calls it, "opaque"; NULL: it is not the overlay's. */
static const char *mark_in(const char *name) {
    static const char *const both[] = {"trusted.overlay.", "user.overlay."};
    for (size_t i = 0; i < 2; i++)
        if (!strncmp(name, both[i], strlen(both[i])))
            return name + strlen(both[i]);
    return NULL;
}

static size_t read_value(const char *name, const char *attribute, size_t used, const char *path) {
    ssize_t size = lgetxattr(name, attribute, values + used, sizeof values - used);
    if (size < 0 && errno == ERANGE)
        tar_refuse("%.1500s: it has more than %d bytes of attributes, which nobody unpacks", path,
                   MOST_HEADER);
    tar_must(size < 0 ? -1 : 0, path);
    return (size_t)size;
}

static void add(struct layer_attributes *a, struct record r) {
    if (a->count == a->room) {
        a->room = a->room ? 2 * a->room : 16;
        a->list = must_have(realloc(a->list, a->room * sizeof *a->list), "allocate", "memory");
    }
    a->list[a->count++] = r;
}

/* Only the kernel can assemble what is redirected, and reads it only for root. */
static _Noreturn void redirected(const char *path) {
    tar_refuse("overlayfs redirects /%.1500s. Copy the image by `plash push:tarfile` and `plash "
               "pull:tarfile`, and use the copy",
               path);
}

static void note(struct layer_attributes *a, const char *mark, struct record r, const char *path) {
    a->opaque |= !strcmp(mark, "opaque") && r.size == 1 && *r.value == 'y';
    a->whiteout |= !strcmp(mark, "whiteout");
    if (*r.key == 't' && (!strcmp(mark, "redirect") || !strcmp(mark, "metacopy")))
        redirected(path);
}

static int by_name(const void *one, const void *other) {
    return strcmp(((const struct record *)one)->key, ((const struct record *)other)->key);
}

void layer_attributes_read(struct layer_attributes *a, const char *name, const char *path) {
    *a = (struct layer_attributes){.list = a->list, .room = a->room};
    ssize_t length = llistxattr(name, names, sizeof names);
    if (length < 0 && errno == EOPNOTSUPP)
        return;
    tar_must(length < 0 ? -1 : 0, path);
    size_t used = 0;
    for (const char *at = names; at < names + length; at += strlen(at) + 1) {
        const char *mark = mark_in(at);
        bool owner = !strcmp(at, OWNER_ATTRIBUTE);
        if (!mark && !owner && !is_kept(at))
            continue;
        struct record r = {at, values + used, read_value(name, at, used, path)};
        if (mark) {
            note(a, mark, r, path);
        } else if (owner) {
            a->has_owner = owner_parse(r.value, r.size, &a->uid, &a->gid);
        } else {
            add(a, r);
            used += r.size;
        }
    }
    if (a->count)
        qsort(a->list, a->count, sizeof *a->list, by_name);
}
