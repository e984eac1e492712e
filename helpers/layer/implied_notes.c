#include "layer/implied_notes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

static const char WHAT[] = "the list of implied directories";

void implied_open(struct implied_notes *n, int fd) {
    *n = (struct implied_notes){0};
    output_open(&n->out, fd, WHAT);
}

void implied_add(struct implied_notes *n, const char *path, size_t length) {
    if (!length)
        path = ".", length = 1;
    output_put(&n->out, path, length);
    output_put(&n->out, "", 1);
    n->written += length + 1;
}

void implied_remove(struct implied_notes *n, const char *path) {
    if (!n->written)
        return;
    if (n->count == n->room) {
        n->room = n->room ? 2 * n->room : 64;
        n->unsaid =
            must_have(realloc(n->unsaid, n->room * sizeof *n->unsaid), "allocate", "memory");
    }
    n->unsaid[n->count++] = (struct unsaid){must_copy(path), n->written};
}

static int by_path(const void *one, const void *other) {
    const struct unsaid *a = one, *b = other;
    int order = strcmp(a->path, b->path);
    return order ? order : a->until < b->until ? 1 : a->until > b->until ? -1 : 0;
}

static int is_path(const void *path, const void *one) {
    return strcmp(path, ((const struct unsaid *)one)->path);
}

static bool was_unsaid(const struct implied_notes *n, const char *path, uint64_t at) {
    const struct unsaid *u = bsearch(path, n->unsaid, n->count, sizeof *n->unsaid, is_path);
    while (u && u > n->unsaid && !strcmp(u[-1].path, path))
        u--; /* to the one that counts longest */
    return u && at < u->until;
}

/* Write the list once more, without those. */
static void filter(struct implied_notes *n) {
    int fd = n->out.fd;
    must(lseek(fd, 0, SEEK_SET) < 0 ? -1 : 0, "read", WHAT);
    char *all = must_allocate(1, (size_t)n->written + 1);
    for (size_t have = 0; have < n->written;) {
        ssize_t part = read(fd, all + have, (size_t)n->written - have);
        must(part <= 0 ? -1 : 0, "read", WHAT);
        have += (size_t)part;
    }
    must(ftruncate(fd, 0), "write to", WHAT);
    must(lseek(fd, 0, SEEK_SET) < 0 ? -1 : 0, "write to", WHAT);
    qsort(n->unsaid, n->count, sizeof *n->unsaid, by_path);
    for (char *path = all; path < all + n->written; path += strlen(path) + 1)
        if (!was_unsaid(n, path, (uint64_t)(path - all)))
            output_put(&n->out, path, strlen(path) + 1);
    output_flush(&n->out);
    free(all);
}

void implied_close(struct implied_notes *n) {
    output_flush(&n->out);
    if (n->count)
        filter(n);
}

static int by_bytes(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

struct implied_list implied_read(int fd) {
    struct implied_list list = {0};
    FILE *file = must_have(fdopen(fd, "r"), "read", WHAT);
    char *path = NULL;
    size_t size = 0, room = 0;
    while (getdelim(&path, &size, 0, file) > 0) {
        if (list.count == room) {
            room = room ? 2 * room : 64;
            list.paths =
                must_have(realloc(list.paths, room * sizeof *list.paths), "allocate", "memory");
        }
        list.paths[list.count++] = must_copy(path);
    }
    must(ferror(file) ? -1 : 0, "read", WHAT);
    free(path);
    fclose(file);
    if (list.count)
        qsort(list.paths, list.count, sizeof *list.paths, by_bytes);
    return list;
}

bool implied_has(const struct implied_list *list, const char *path) {
    path = *path ? path : ".";
    return list->count &&
           bsearch(&path, list->paths, list->count, sizeof *list->paths, by_bytes) != NULL;
}
