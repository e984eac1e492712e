#include "layer/opaque.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"
#include "layer/merged.h"

struct visible {
    char *name;
    int layer; /* the first that has it counts */
    bool directory, whiteout;
};

static int by_name_and_layer(const void *one, const void *other) {
    const struct visible *a = one, *b = other;
    int order = strcmp(a->name, b->name);
    return order ? order : a->layer - b->layer;
}

/* All names in all layers of it, sorted; of each the visible one first. */
static struct visible *read_names(const struct merged *m, size_t *count) {
    struct visible *all = NULL;
    size_t room = 0;
    for (int i = 0; i < m->count; i++) {
        DIR *dir = must_have(fdopendir(dup(m->fds[i])), "read in a layer below", "a directory");
        rewinddir(dir);
        for (struct dirent *e; (e = readdir(dir));) {
            struct stat st;
            if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
                continue;
            must(fstatat(m->fds[i], e->d_name, &st, AT_SYMLINK_NOFOLLOW), "look in a layer below",
                 e->d_name);
            if (*count == room) {
                room = room ? 2 * room : 64;
                all = must_have(realloc(all, room * sizeof *all), "allocate", "memory");
            }
            all[(*count)++] =
                (struct visible){.name = must_copy(e->d_name),
                                 .layer = i,
                                 .directory = S_ISDIR(st.st_mode),
                                 .whiteout = S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0)};
        }
        closedir(dir);
    }
    if (*count)
        qsort(all, *count, sizeof *all, by_name_and_layer);
    return all;
}

static void hide(int directory, const struct merged *below);

/* `name` of the layers below is not seen any more in `directory`. A file of the layer's own hides
 * it, a directory must hide what is in it. */
static void hide_name(int directory, const struct merged *below, const struct visible *v) {
    struct stat st;
    if (fstatat(directory, v->name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
        must(errno == ENOENT ? 0 : -1, "look in the layer at", v->name);
        must(mknodat(directory, v->name, S_IFCHR, makedev(0, 0)), "make a whiteout for", v->name);
    } else if (S_ISDIR(st.st_mode) && v->directory) {
        struct merged *inner = merged_step(below, v->name);
        int fd = must(openat(directory, v->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                      "open in the layer", v->name);
        hide(fd, inner);
        close(fd);
        merged_close(inner);
    }
}

static void remove_mark(int directory, const char *attribute) {
    if (fremovexattr(directory, attribute) < 0 && errno != ENODATA && errno != EPERM &&
        errno != EOPNOTSUPP)
        must(-1, "remove the mark of an opaque directory in", "the layer");
}

/* The whiteouts before the mark goes: whatever ends us, nothing comes back to light. */
static void hide(int directory, const struct merged *below) {
    struct stat before;
    must(fstat(directory, &before), "look at a directory of", "the layer");
    size_t count = 0;
    struct visible *all = read_names(below, &count);
    for (size_t i = 0; i < count; i++)
        if ((i == 0 || strcmp(all[i - 1].name, all[i].name) != 0) && !all[i].whiteout)
            hide_name(directory, below, all + i);
    remove_mark(directory, opaque_attribute(true));
    remove_mark(directory, opaque_attribute(false));
    struct timespec times[] = {before.st_atim, before.st_mtim};
    must(futimens(directory, times), "keep the time of a directory of", "the layer");
    for (size_t i = 0; i < count; i++)
        free(all[i].name);
    free(all);
}

/* A directory of a layer, and what it lies over. */
struct spot {
    int directory;
    struct merged *below;
};

static struct spot go_to(const struct store *s, const struct image *parent, int content,
                         const char *path) {
    struct spot at = {.below = merged_layers(s, parent)};
    at.directory = must(openat(content, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", ".");
    char *rest = must_copy(path), *start = rest;
    for (char *name; (name = strsep(&rest, "/"));) {
        if (!*name)
            continue;
        struct merged *inner = merged_step(at.below, name);
        int next = must(openat(at.directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                        "open in the layer", path);
        merged_close(at.below);
        close(at.directory);
        at = (struct spot){next, inner};
    }
    free(start);
    return at;
}

static void leave(const struct spot *at) {
    close(at->directory);
    merged_close(at->below);
}

void opaque_to_whiteouts(const struct store *s, const struct image *parent, int content,
                         const char *path) {
    struct spot at = go_to(s, parent, content, path);
    hide(at.directory, at.below);
    leave(&at);
}

static void remove_whiteouts(int directory) {
    struct stat st;
    must(fstat(directory, &st), "look at a directory of", "the layer");
    DIR *dir = must_have(fdopendir(dup(directory)), "read in the layer", "a directory");
    rewinddir(dir);
    for (struct dirent *e; (e = readdir(dir));)
        if (is_whiteout(directory, e->d_name))
            must(unlinkat(directory, e->d_name, 0), "remove the whiteout", e->d_name);
    closedir(dir);
    struct timespec times[] = {st.st_atim, st.st_mtim};
    must(futimens(directory, times), "keep the time of a directory of", "the layer");
}

void remove_stray_whiteouts(const struct store *s, const struct image *parent, int content,
                            const char *path) {
    struct spot at = go_to(s, parent, content, path);
    if (!at.below->count)
        remove_whiteouts(at.directory);
    leave(&at);
}
