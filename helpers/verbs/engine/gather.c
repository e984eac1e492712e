/* engine:gather — a layer put together from pieces of others, as a list says. */
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "layer/copy_attributes.h"
#include "mount/overlay.h"
#include "process/lifeline.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

/* The directory of a tree in which the last thing was done; the next is mostly there too. */
struct place {
    int root;
    int fd; /* root's, or the directory `path` begins with */
    char *path;
    size_t length;
};

struct gather {
    struct store store;
    bool userxattr;
    char layer[ID_SIZE]; /* what `from` is in */
    struct place from, to, twin;
    uint64_t files, bytes, told; /* told: when, in ms */
};

struct piece { /* a record of the list */
    char *what, *of, *path;
};

static void tell(struct gather *g) {
    struct timespec t;
    struct json j;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t now = (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
    if (now - g->told < 100)
        return;
    g->told = now;
    event_open(&j, "progress");
    json_number(&j, "files", g->files);
    json_number(&j, "bytes", g->bytes);
    event_send(&j);
}

/* Open the directory of `path`, and return the name in it. A path may be longer than the kernel
 * takes at once. No link is followed. */
static int parent_of(struct place *p, const char *path, const char **name) {
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    *name = slash ? slash + 1 : *path ? path : ".";
    if (!strcmp(*name, "..") || (slash && !slash[1]))
        refuse("\"%s\" is not a path in a layer", path);
    if (p->path && p->length == length && !memcmp(p->path, path, length))
        return p->fd;
    if (p->fd != p->root)
        close(p->fd);
    free(p->path);
    p->path = must_copy(path);
    p->length = length;
    p->fd = p->root;
    for (size_t done = 0, n; done < length; done += n + 1) {
        char piece[PATH_MAX];
        for (n = length - done; n >= sizeof piece || (done + n < length && path[done + n] != '/');)
            if (--n == 0)
                refuse("a name is too long: %s", path);
        memcpy(piece, path + done, n);
        piece[n] = 0;
        int next = must(k_openat2(p->fd, piece, O_PATH | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS),
                        "open in the layer", path);
        if (p->fd != p->root)
            close(p->fd);
        p->fd = next;
    }
    return p->fd;
}

static void leave(struct place *p, int root) {
    if (p->path && p->fd != p->root)
        close(p->fd);
    free(p->path);
    *p = (struct place){.root = root, .fd = root};
}

static int source_of(struct gather *g, struct piece *p, const char **name) {
    if (strcmp(g->layer, p->of) != 0) {
        struct image image = image_named(&g->store, p->of);
        if (g->from.root >= 0)
            close(g->from.root);
        leave(&g->from, image_content(&g->store, &image));
        snprintf(g->layer, sizeof g->layer, "%s", p->of);
    }
    return parent_of(&g->from, p->path, name);
}

static void describe(struct gather *g, struct piece *p, const struct stat *st) {
    const char *source, *name;
    int from = source_of(g, p, &source), to = parent_of(&g->to, p->path, &name);
    copy_attributes(from, source, to, name, st, p->path);
}

/* Shared with the original where the file system can; else copied, and its holes are left
 * holes. */
static void copy_bytes(struct gather *g, int in, int out, off_t size, const char *path) {
    if (ioctl(out, FICLONE, in) == 0)
        return;
    off_t at = 0;
    while (at < size && (at = lseek(in, at, SEEK_DATA)) >= 0) {
        off_t end = lseek(in, at, SEEK_HOLE);
        if (end < 0 || lseek(out, at, SEEK_SET) < 0)
            must(-1, "copy", path);
        while (at < end) {
            size_t most = end - at < 1 << 24 ? (size_t)(end - at) : 1 << 24;
            ssize_t n = sendfile(out, in, &at, most);
            if (n < 0)
                must(-1, "copy", path);
            if (n == 0)
                refuse("cannot copy %s: it shrank while it was copied", path);
            g->bytes += (uint64_t)n;
            tell(g);
        }
    }
    if (at < 0 && errno != ENXIO) /* which says that there are only holes from here on */
        must(-1, "copy", path);
    must(ftruncate(out, size), "copy", path);
}

static void copy_file(struct gather *g, struct piece *p) {
    const char *source, *name;
    int from = source_of(g, p, &source), to = parent_of(&g->to, p->path, &name);
    struct stat st;
    char target[PATH_MAX];
    must(fstatat(from, source, &st, AT_SYMLINK_NOFOLLOW), "copy", p->path);
    if (S_ISREG(st.st_mode)) {
        int in = must(openat(from, source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), "copy",
                      p->path);
        int out =
            must(openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), "make", p->path);
        copy_bytes(g, in, out, st.st_size, p->path);
        close(in);
        must(close(out), "copy", p->path);
    } else if (S_ISLNK(st.st_mode)) {
        ssize_t n = readlinkat(from, source, target, sizeof target - 1);
        must((int)n, "read the link", p->path);
        target[n] = 0;
        must(symlinkat(target, to, name), "make", p->path);
    } else if (S_ISDIR(st.st_mode)) {
        refuse("%s was replaced by a directory", p->path);
    } else {
        must(mknodat(to, name, (st.st_mode & S_IFMT) | 0600, st.st_rdev), "make", p->path);
    }
    describe(g, p, &st);
}

static void describe_directory(struct gather *g, struct piece *p) {
    const char *source;
    struct stat st;
    int from = source_of(g, p, &source);
    must(fstatat(from, source, &st, AT_SYMLINK_NOFOLLOW), "copy", p->path);
    describe(g, p, &st);
}

static void link_file(struct gather *g, struct piece *p) {
    const char *first, *name;
    int from = parent_of(&g->twin, p->of, &first), to = parent_of(&g->to, p->path, &name);
    must(linkat(from, first, to, name, 0), "link", p->path);
}

/* For everybody to understand: see opaque.h. */
static void make_opaque(struct gather *g, struct piece *p) {
    const char *name;
    must(fchdir(parent_of(&g->to, p->path, &name)), "enter the directory of", p->path);
    must(lsetxattr(name, "user.overlay.opaque", "y", 1, 0), "mark as opaque", p->path);
    if (!g->userxattr)
        must(lsetxattr(name, "trusted.overlay.opaque", "y", 1, 0), "mark as opaque", p->path);
}

static void put(struct gather *g, struct piece *p) {
    const char *name;
    int to = parent_of(&g->to, p->path, &name);
    g->files++;
    switch (*p->what) {
    case 'd':
        must(mkdirat(to, name, 0700), "make", p->path);
        break;
    case 'f':
        copy_file(g, p);
        break;
    case 'h':
        link_file(g, p);
        break;
    case 'w':
        must(mknodat(to, name, S_IFCHR, makedev(0, 0)), "make the whiteout", p->path);
        break;
    case 'o':
        make_opaque(g, p);
        break;
    case '=':
        describe_directory(g, p);
        break;
    default:
        refuse("the list of pieces says \"%s\"", p->what);
    }
    tell(g);
}

static bool read_word(char **word, size_t *room) {
    ssize_t n = getdelim(word, room, 0, stdin);
    if (n < 0 && !feof(stdin))
        must(-1, "read", "standard input");
    if (n > 0 && (*word)[n - 1])
        refuse("the list of pieces is cut off");
    return n > 0;
}

/* On standard input, pieces of three words, a NUL after each: what, of, and the path in the
 * new layer, "" for its own root.
 *   d  -      a directory, for now without attributes
 *   f  ID     what that image's layer has there, whatever it is but a directory
 *   h  PATH   another name of that file of the new layer
 *   w  -      a whiteout: nothing is there, whatever the layers below have
 *   o  -      the directory hides those of the layers below
 *   =  ID     the directory is given the attributes that it has in that image's layer
 * IMAGE is the one whose chain the pieces are from: it is locked, so that nobody removes it. */
int verb_engine_gather(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 3, 3);
    const char *work = argv[at + 2];
    if (!*work || strchr(work, '/') || !strcmp(work, ".") || !strcmp(work, ".."))
        refuse("\"%s\" is not a name in the store's tmp directory", work);
    userns_try(0);
    watch_lifeline();
    struct gather g = {.store = store_at(argv[at]), .from = {.root = -1, .fd = -1}};
    struct image image = image_named(&g.store, argv[at + 1]);
    image_lock(&g.store, &image);
    g.userxattr = overlay_uses_userxattr(&g.store);
    int data = must(k_openat2(g.store.fd, must_print("tmp/%s/data", work), O_RDONLY | O_DIRECTORY,
                              K_BENEATH | K_NO_SYMLINKS),
                    "open data in", work);
    leave(&g.to, data);
    leave(&g.twin, data);

    struct piece p = {0};
    size_t rooms[3] = {0};
    while (read_word(&p.what, &rooms[0])) {
        if (!read_word(&p.of, &rooms[1]) || !read_word(&p.path, &rooms[2]))
            refuse("the list of pieces is cut off");
        put(&g, &p);
    }
    return 0;
}
