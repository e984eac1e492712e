#include "image/fuse_marks.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/program.h"
#include "tree/walk.h"
#include "userns/userns.h"

/* Its main.c; the marks of the kernel it reads as the kernel does. */
static const char removal[] = ".wh.", opaque[] = "user.fuseoverlayfs.opaque";

struct look {
    const struct mounting *mounting;
    void (*refuses)(const struct mounting *, const char *, const char *);
    int layers[MOST_LOWERS];
};

static char *path_of(const struct directory *d, const char *name) {
    char *path = must_print("%s", name);
    for (; d->parent; d = d->parent) {
        char *longer = must_print("%s/%s", d->name, path);
        free(path);
        path = longer;
    }
    return path;
}

static void found(const struct walk *w, const struct directory *d, const char *name,
                  const char *meaning) {
    const struct look *look = w->more;
    look->refuses(look->mounting,
                  must_print("fuse-overlayfs takes /%s for %s", path_of(d, name), meaning), "");
}

static int look_at(const struct walk *w, const struct directory *d, int fd) {
    char value;
    if (fd >= 0 && fgetxattr(fd, opaque, &value, 1) == 1 && value == 'y')
        found(w, d->parent ? d->parent : d, d->name, "a directory that hides the ones below");
    return fd;
}

static void begin(struct walk *w, struct tree *tree) {
    const struct look *look = w->more;
    int fd = openat(look->layers[tree->index], ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    walk_top(w, tree, must(fd, "look through image", look->mounting->image.id), "");
}

static int enter(struct walk *w, struct directory *d, int parent) {
    return look_at(w, d, openat(parent, d->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

static void entry(struct walk *w, struct worker *self, struct directory *d, struct entry e) {
    struct stat st;
    if (!strncmp(e.name, removal, sizeof removal - 1))
        found(w, d, e.name, "the removal of another file");
    if (e.type == DT_DIR ||
        (e.type == DT_UNKNOWN && fstatat(d->fd, e.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(st.st_mode)))
        walk_into(self, d, e.name);
}

static void end(struct walk *w, struct tree *tree) {
    (void)w;
    free(tree);
}

void fuse_check_marks(const struct mounting *m, const struct store *s,
                      void (*refuses)(const struct mounting *, const char *, const char *)) {
    /* Only in the image's user namespace every directory can be read. */
    pid_t pid = userns_fork(0);
    if (pid == 0) {
        struct look look = {.mounting = m, .refuses = refuses};
        userns_try(0);
        struct walk w = {
            .begin = begin, .open = enter, .entry = entry, .end = end, .threads = 4, .more = &look};
        w.trees = (size_t)image_layers(s, &m->image, look.layers);
        walk_run(&w);
        _exit(0);
    }
    int status = child_status(pid);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        _exit(1); /* it said why */
}
