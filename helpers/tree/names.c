#include "tree/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

void names_add(struct names *n, char rank, const char *name) {
    size_t size = strlen(name) + 2;
    if (n->room - n->used < size) {
        n->room += n->room / 4 + 4096; /* there may be a million */
        n->text = must_have(realloc(n->text, n->room), "allocate", "memory");
    }
    n->text[n->used] = rank;
    memcpy(n->text + n->used + 1, name, size - 1);
    n->used += size;
    n->count++;
}

static int by_bytes(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

void names_sort(struct names *n) {
    char *at = n->text;
    if (!n->count)
        return;
    n->list = must_allocate(n->count, sizeof *n->list);
    for (size_t i = 0; i < n->count; i++, at += strlen(at) + 1)
        n->list[i] = at;
    qsort(n->list, n->count, sizeof *n->list, by_bytes);
}

void names_free(struct names *n) {
    free(n->list);
    free(n->text);
    *n = (struct names){0};
}
