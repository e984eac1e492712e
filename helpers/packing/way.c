#include "packing/way.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/descriptors.h"
#include "base/syscalls.h"
#include "store/store.h"
#include "tar/trouble.h"

const char DEFAULT_ACL[] = "system.posix_acl_default";

/* To go down again costs time, the more the deeper it is (Landlock looks at each directory above);
 * so all stays open that a path can name, where as many descriptors may be had for two ways. */
enum {
    DEEPEST = 4096 / 2,
    OTHER_DESCRIPTORS = 64,
    READ = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
};

static size_t most_open(void) {
    size_t allowed = allow_descriptors(2 * DEEPEST + OTHER_DESCRIPTORS);
    return allowed > 2 * OTHER_DESCRIPTORS ? (allowed - OTHER_DESCRIPTORS) / 2 : allowed / 4;
}

static struct level *push(struct way *w, struct level level) {
    if (w->depth == w->room) {
        w->room = 2 * w->room + 16;
        w->levels =
            must_have(realloc(w->levels, w->room * sizeof *w->levels), "allocate", "memory");
    }
    w->levels[w->depth++] = level;
    return w->levels + w->depth - 1;
}

/* Its mode and time are what they shall be, when nothing more is made in it. */
static void finish(const struct way *w, struct level *l) {
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, l->mtime};
    if (l->moded)
        tar_must(fchmod(l->fd, l->mode), w->path);
    if (l->default_acl)
        w->sets_default_acl(w->of, l->fd, l->default_acl, l->default_size);
    free(l->default_acl);
    if (l->timed)
        tar_must(futimens(l->fd, times), w->path);
    if (l->implied && w->is_implied)
        w->is_implied(w->of, w->path, l->end);
    close(l->fd);
    l->fd = -1;
}

static void cut(struct way *w, size_t depth) {
    while (w->depth > depth) {
        struct level *l = w->levels + --w->depth;
        if (l->fd >= 0)
            finish(w, l);
    }
}

void way_leave(struct way *w) {
    cut(w, 1);
}

void way_close(struct way *w) {
    cut(w, 0);
}

/* Whoever has no rights over all files (no user namespace) may have closed it to himself. */
static int open_closed(int at, const char *name) {
    struct stat st;
    if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode) ||
        fchmodat(at, name, (st.st_mode & 07777) | 0700, 0) < 0) {
        errno = EACCES;
        return -1;
    }
    int fd = openat(at, name, READ | O_NOFOLLOW), error = errno;
    bool closed = fchmodat(at, name, st.st_mode & 07777, 0) == 0;
    errno = fd < 0 ? error : errno;
    return closed ? fd : -1;
}

static int open_directory(const struct way *w, int at, const char *name) {
    int fd = openat(at, name, READ | O_NOFOLLOW);
    if (fd < 0 && errno == EACCES && !w->all_rights)
        fd = open_closed(at, name);
    return fd;
}

struct step {
    int above;
    const char *name;
    enum way_how how;
    bool last;
    bool gives_group; /* what is made in `above` gets its group, and a directory its bit */
    mode_t mode;
};

static struct level make(struct way *w, const struct step *s, bool hides) {
    struct level l = {.implied = !hides}; /* else it is another one than below */
    w->made = true;
    tar_must(mkdirat(s->above, s->name, s->mode), w->path);
    l.fd = tar_must(openat(s->above, s->name, READ | O_NOFOLLOW), w->path);
    if (s->gives_group) {
        tar_must(fchown(l.fd, geteuid(), getegid()), w->path);
        tar_must(fchmod(l.fd, s->mode), w->path);
    }
    if (hides)
        tar_must(fsetxattr(l.fd, w->opaque, "y", 1, 0), w->path);
    return l;
}

/* What is made in it shall not inherit the list. */
static void take_default_acl(struct level *l) {
    ssize_t size = fgetxattr(l->fd, DEFAULT_ACL, NULL, 0);
    if (size <= 0)
        return;
    l->default_acl = must_allocate(1, (size_t)size);
    size = fgetxattr(l->fd, DEFAULT_ACL, l->default_acl, (size_t)size);
    l->default_size = size > 0 ? (size_t)size : 0;
    fremovexattr(l->fd, DEFAULT_ACL);
}

/* Its mode now, and its time before something is made in it. */
static void look(struct way *w, struct level *l) {
    struct stat st;
    if (w->has_default_acls)
        take_default_acl(l);
    tar_must(fstat(l->fd, &st), w->path);
    l->mode = st.st_mode & 07777;
    l->mtime = st.st_mtim;
    l->timed = !w->made;
    if (!w->all_rights && (l->mode & 0700) != 0700)
        l->moded = fchmod(l->fd, l->mode | 0700) == 0;
}

void way_open(struct way *w, int root) {
    w->root = root;
    w->path = must_allocate(1, w->path_room = 256);
    w->depth = 0;
    w->most_open = most_open();
    struct level top = {.fd = must(openat(root, ".", READ), "open", "the directory"),
                        .implied = true};
    look(w, &top);
    top.timed = false;
    push(w, top);
}

/* The name is there, but it is no directory. */
static struct level step_over(struct way *w, const struct step *s) {
    struct stat st;
    tar_must(fstatat(s->above, s->name, &st, AT_SYMLINK_NOFOLLOW), w->path);
    bool gone = w->opaque && s->how != WAY_LOOK && S_ISCHR(st.st_mode) && !st.st_rdev;
    if (gone || (s->how == WAY_BE && s->last)) {
        if (gone)
            tar_must(unlinkat(s->above, s->name, 0), w->path);
        else
            w->removes(w->of, s->above, s->name);
        return make(w, s, gone);
    }
    struct level l = {.fd = -1, .over_link = true};
    if (S_ISLNK(st.st_mode))
        l.fd = k_openat2(w->root, w->path, READ, K_IN_ROOT | K_NO_MAGICLINKS);
    else
        errno = ENOTDIR;
    if (l.fd >= 0 || s->how == WAY_LOOK)
        return l;
    if (S_ISLNK(st.st_mode) && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
        tar_refuse("%.1500s: it is a link that leads to no directory of the archive, but "
                   "something is to be put there",
                   w->path);
    if (errno == ENOTDIR)
        tar_refuse("%.1500s: it is not a directory, but something is to be put into it", w->path);
    tar_must(-1, w->path);
    return l;
}

/* w->path ends with the name. */
static struct level go_down(struct way *w, const struct step *s) {
    struct level l = {.fd = open_directory(w, s->above, s->name)};
    if (l.fd < 0 && errno == ENOENT && s->how != WAY_LOOK)
        l = make(w, s, false);
    else if (l.fd < 0 && (errno == ENOTDIR || errno == ELOOP))
        l = step_over(w, s);
    if (l.fd < 0 && (s->how != WAY_LOOK || !is_absent(errno)))
        tar_must(-1, w->path);
    if (l.fd >= 0 && s->how != WAY_LOOK)
        look(w, &l);
    return l;
}

/* How many levels the two ways have in common; they end before one that is closed, unless nothing
 * else is needed than the last one. */
static size_t common(const struct way *w, const char *path, size_t length, enum way_how how) {
    size_t same = 1;
    const struct level *here = w->levels + w->depth - 1;
    if (here->end == length && !memcmp(w->path, path, length) &&
        !(how == WAY_BE && here->over_link))
        return w->depth;
    for (; same < w->depth; same++) {
        const struct level *l = w->levels + same;
        size_t begin = w->levels[same - 1].end;
        if (l->fd < 0 || l->end > length || (l->end < length && path[l->end] != '/') ||
            memcmp(w->path + begin, path + begin, l->end - begin) != 0 ||
            (how == WAY_BE && l->over_link && l->end == length))
            break;
    }
    return same;
}

struct level *way_go(struct way *w, const char *path, size_t length, enum way_how how,
                     mode_t mode) {
    w->made = false;
    cut(w, common(w, path, length, how));
    if (w->path_room <= length)
        w->path = must_have(realloc(w->path, w->path_room = 2 * length + 1), "allocate", "memory");
    for (size_t at = w->levels[w->depth - 1].end; at < length;) {
        size_t begin = at ? at + 1 : 0, end = begin;
        while (end < length && path[end] != '/')
            end++;
        w->made = false;
        memcpy(w->path + at, path + at, end - at);
        w->path[end] = 0;
        struct level *above = w->levels + w->depth - 1;
        bool last = end == length;
        struct step s = {above->fd, w->path + begin,       how,
                         last,      above->mode & S_ISGID, how == WAY_BE && last ? mode : 0755};
        struct level l = go_down(w, &s);
        if (l.fd < 0)
            return NULL;
        l.end = end;
        if (w->depth > w->most_open)
            finish(w, above);
        push(w, l);
        at = end;
    }
    w->path[length] = 0;
    return w->levels + w->depth - 1;
}
