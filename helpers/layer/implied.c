#include "layer/implied.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "layer/directory_facts.h"
#include "layer/merged.h"

enum { READ = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

/* One step into both; `below` has nothing where the layer hides it. */
static bool step(int *here, struct merged **below, const char *name) {
    int next = openat(*here, name, READ | O_NOFOLLOW);
    if (next < 0)
        return false;
    struct merged *inner =
        opaque_marked_somehow(*here) ? must_allocate(1, sizeof *inner) : merged_step(*below, name);
    close(*here);
    merged_close(*below);
    *here = next;
    *below = inner;
    return true;
}

static void settle_one(const struct merged *layers, int content, const char *path) {
    int here = must(openat(content, ".", READ), "open", "the layer");
    struct merged *below = must_allocate(1, sizeof *below);
    for (; below->count < layers->count - 1; below->count++) /* the last is of no image */
        below->fds[below->count] =
            must(fcntl(layers->fds[below->count], F_DUPFD_CLOEXEC, 0), "open", "a layer below");
    char *copy = must_copy(path), *rest = copy;
    bool there = true;
    for (char *name; there && (name = strsep(&rest, "/"));)
        there = !*name || !strcmp(name, ".") || step(&here, &below, name);
    if (there && below->count)
        facts_copy(below->fds[0], here, path);
    else if (there)
        must(fchmod(here, 0755), "set the mode of", path);
    free(copy);
    merged_close(below);
    close(here);
}

void implied_settle(const struct store *s, const struct image *parent, int content, int list) {
    struct merged *layers = merged_layers(s, parent);
    FILE *file = must_have(fdopen(list, "r"), "read", "the list of implied directories");
    char *path = NULL;
    size_t room = 0;
    while (getdelim(&path, &room, 0, file) > 0)
        settle_one(layers, content, path);
    must(ferror(file) ? -1 : 0, "read", "the list of implied directories");
    free(path);
    fclose(file);
    merged_close(layers);
}
