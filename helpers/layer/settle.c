#include "layer/settle.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "layer/merged.h"
#include "layer/opaque.h"
#include "mount/overlay.h"
#include "tree/du.h"

struct found {
    struct found *next;
    char *path;
};

struct settling {
    struct measured sum; /* first, since du_count finds it as that */
    int content;
    bool userxattr;
    pthread_mutex_t lock;
    struct found *opaque, *with_whiteouts; /* directories found so far */
    bool from_tar;
    struct disk_usage result;
};

static char *path_of(const struct directory *d) {
    char *path = must_copy("");
    for (; d->parent; d = d->parent) {
        char *longer = must_print("%s/%s", d->name, path);
        free(path);
        path = longer;
    }
    return path;
}

static void note(struct settling *s, struct found **list, const struct directory *d) {
    struct found *new = must_allocate(1, sizeof *new);
    new->path = path_of(d);
    pthread_mutex_lock(&s->lock);
    new->next = *list;
    *list = new;
    pthread_mutex_unlock(&s->lock);
}

static void look_at(struct walk *w, struct directory *d, int fd) {
    struct settling *s = w->more;
    struct stat st;
    must(fstat(fd, &st), "look at a directory of the layer", d->name);
    du_count(w, d->tree, &st);
    if (opaque_marked(fd, s->userxattr))
        note(s, &s->opaque, d);
}

static void begin(struct walk *w, struct tree *tree) {
    struct settling *s = w->more;
    int fd = must(openat(s->content, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", "the layer");
    du_begin(tree);
    walk_top(w, tree, fd, "");
    look_at(w, tree->top, fd);
}

static int open_one(struct walk *w, struct directory *d, int parent) {
    int fd = must(openat(parent, d->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                  "open in the layer", d->name);
    look_at(w, d, fd);
    return fd;
}

static void entry(struct walk *w, struct worker *self, struct directory *d, struct entry e) {
    struct stat st = {.st_mode = S_IFDIR};
    if (e.type != DT_DIR)
        must(fstatat(d->fd, e.name, &st, AT_SYMLINK_NOFOLLOW), "look in the layer at", e.name);
    struct settling *s = w->more;
    if (s->from_tar && S_ISCHR(st.st_mode) && !st.st_rdev && !d->mark) {
        d->mark = true;
        note(s, &s->with_whiteouts, d);
    }
    if (S_ISDIR(st.st_mode))
        walk_into(self, d, e.name);
    else
        du_count(w, d->tree, &st);
}

static void end(struct walk *w, struct tree *tree) {
    struct settling *s = w->more;
    s->result = (struct disk_usage){tree->allocated, tree->apparent, tree->files};
    du_end(tree);
}

struct disk_usage settle(const struct store *s, const struct image *parent, int content,
                         bool from_tar) {
    struct settling settling = {
        .content = content, .userxattr = overlay_uses_userxattr(s), .from_tar = from_tar};
    pthread_mutex_init(&settling.lock, NULL);
    struct walk w = {.begin = begin,
                     .open = open_one,
                     .entry = entry,
                     .end = end,
                     .trees = 1,
                     .threads = 4,
                     .more = &settling};
    walk_run(&w);
    for (struct found *f = settling.opaque; f; f = f->next)
        opaque_to_whiteouts(s, parent, content, f->path);
    for (struct found *f = settling.with_whiteouts; f; f = f->next)
        remove_stray_whiteouts(s, parent, content, f->path);
    return settling.result;
}
