#include "packing/unpack.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "layer/implied_notes.h"
#include "layer/merged.h"
#include "layer/whiteout_names.h"
#include "packing/unpack_facts.h"
#include "packing/way.h"
#include "tar/trouble.h"
#include "tree/delete.h"
#include "userns/userns.h"

enum { WORTH_ASKING = 1 << 20 }; /* bytes: whether there is room for them */

struct work {
    const struct unpacking *u;
    struct tar tar;
    struct input in;
    struct output recipe;
    struct way at, to; /* to the member; and to what a hard link means */
    struct implied_notes implied;
};

/* A file, or a directory with all in it. */
static void remove_any(void *of, int at, const char *name) {
    struct work *w = of;
    w->u->done->replaced = true;
    way_leave(&w->to); /* it may lead there */
    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return;
    struct removed gone = remove_names(at, (char *[]){must_copy(name)}, 1, 1);
    if (gone.failed) {
        errno = gone.error;
        tar_must(-1, w->tar.m.name);
    }
}

static void clear(struct work *w, int at, const char *name) {
    if (w->u->layer && is_whiteout(at, name))
        tar_must(unlinkat(at, name, 0), w->tar.m.name);
    else
        remove_any(w, at, name);
}

static void note_implied(void *of, const char *path, size_t length) {
    struct work *w = of;
    implied_add(&w->implied, path, length);
}

static void set_list(void *of, int fd, const void *value, size_t size) {
    struct work *w = of;
    set_default_acl((void *)w->u, fd, value, size);
    w->at.has_default_acls = true;
}

static void write_all(const struct work *w, int fd, const unsigned char *bytes, size_t count) {
    while (count) {
        ssize_t n = write(fd, bytes, count);
        if (n < 0 && errno == EINTR)
            continue;
        tar_must(n < 0 ? -1 : 0, w->tar.m.name);
        bytes += n;
        count -= (size_t)n;
        w->u->done->bytes += (uint64_t)n;
    }
}

static void write_sparse(struct work *w, int fd) {
    const struct member *m = &w->tar.m;
    const unsigned char *piece = NULL;
    size_t have = 0;
    for (size_t i = 0; i < m->sparse.count; i++) {
        struct piece p = m->sparse.pieces[i];
        tar_must(lseek(fd, (off_t)p.offset, SEEK_SET) < 0 ? -1 : 0, m->name);
        while (p.length) {
            if (!have)
                have = tar_piece(&w->tar, &piece);
            size_t part = have < p.length ? have : (size_t)p.length;
            write_all(w, fd, piece, part);
            piece += part;
            have -= part;
            p.length -= part;
        }
    }
    tar_must(ftruncate(fd, (off_t)m->size), m->name);
}

/* Before bytes are written that cannot all be. */
static void check_room(const struct work *w) {
    struct statvfs disk;
    const struct member *m = &w->tar.m;
    if (m->stored < WORTH_ASKING || fstatvfs(w->u->root, &disk) < 0 || !disk.f_blocks)
        return;
    if (m->stored / disk.f_frsize > disk.f_bfree) {
        errno = ENOSPC;
        tar_must(-1, m->name);
    }
}

static void file(struct work *w, struct made *f) {
    const struct member *m = &w->tar.m;
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    unsigned mode = mode_to_make(w->u, m) & 0777;
    check_room(w);
    f->fd = openat(f->parent->fd, f->name, flags, mode);
    if (f->fd < 0 && errno == EEXIST) {
        clear(w, f->parent->fd, f->name);
        f->fd = openat(f->parent->fd, f->name, flags, mode);
    }
    tar_must(f->fd, m->name);
    if (m->sparse.is) {
        write_sparse(w, f->fd);
    } else {
        const unsigned char *piece;
        for (size_t n; (n = tar_piece(&w->tar, &piece));)
            write_all(w, f->fd, piece, n);
    }
    set_facts(f);
    tar_must(close(f->fd), m->name);
}

static _Noreturn void no_such_target(const struct work *w) {
    const struct member *m = &w->tar.m;
    tar_refuse("%.1000s: it is a hard link to %.1000s, which is not %s", m->name, m->link,
               w->u->layer ? "a file of this layer. The image is damaged, or of a program that "
                             "makes such layers by mistake"
                           : "a file that comes before it");
}

/* Returns whether the target is this very file. */
static bool is_itself(const struct stat *target, const struct made *f) {
    struct stat st;
    return fstatat(f->parent->fd, f->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
           st.st_ino == target->st_ino && st.st_dev == target->st_dev;
}

static void hard_link(struct work *w, struct made *f) {
    const struct member *m = &w->tar.m;
    const char *target = last_name(m->link);
    struct stat st;
    struct level *l = *target ? way_go(&w->to, m->link, parent_length(m->link), WAY_LOOK, 0) : NULL;
    if (!l || fstatat(l->fd, target, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        (w->u->layer && is_whiteout(l->fd, target)))
        no_such_target(w);
    if (is_itself(&st, f)) /* also a directory */
        return;
    if (S_ISDIR(st.st_mode))
        no_such_target(w);
    int done = linkat(l->fd, target, f->parent->fd, f->name, 0);
    if (done < 0 && errno == EEXIST) {
        clear(w, f->parent->fd, f->name);
        l = way_go(&w->to, m->link, parent_length(m->link), WAY_LOOK, 0);
        if (!l)
            no_such_target(w);
        done = linkat(l->fd, target, f->parent->fd, f->name, 0);
    }
    tar_must(done, m->name);
}

static int make_special(const struct work *w, const struct made *f) {
    const struct member *m = &w->tar.m;
    unsigned mode = mode_to_make(w->u, m) & 0777;
    switch (m->type) {
    case M_SYMLINK:
        return symlinkat(m->link, f->parent->fd, f->name);
    case M_FIFO:
        return mknodat(f->parent->fd, f->name, S_IFIFO | mode, 0);
    default:
        return mknodat(f->parent->fd, f->name, (m->type == M_BLOCK ? S_IFBLK : S_IFCHR) | mode,
                       makedev(m->major, m->minor));
    }
}

static void special(struct work *w, struct made *f) {
    const struct member *m = &w->tar.m;
    bool device = m->type == M_CHARACTER || m->type == M_BLOCK;
    if (device && w->u->layer && !m->major && !m->minor) { /* it would be a whiteout */
        w->u->done->devices++;
        return;
    }
    int done = make_special(w, f);
    if (done < 0 && errno == EEXIST) {
        clear(w, f->parent->fd, f->name);
        done = make_special(w, f);
    }
    if (done < 0 && device && errno == EPERM)
        w->u->done->devices++;
    else if (tar_must(done, m->name) == 0)
        set_facts(f);
}

/* Directories are entered at once: they are made there as all parents are. */
static void directory(struct work *w) {
    const struct member *m = &w->tar.m;
    size_t length = strlen(m->name);
    unsigned mode = m->mode & 0777;
    struct level *l =
        way_go(&w->at, m->name, length, WAY_BE, w->u->all_rights ? mode : mode | 0700);
    bool existed = !w->at.made;
    if (w->u->layer && existed && !l->implied)
        implied_remove(&w->implied, m->name);
    l->implied = false;
    set_facts(&(struct made){.u = w->u,
                             .tar = &w->tar,
                             .parent = length ? l - 1 : l,
                             .name = last_name(m->name),
                             .fd = l->fd,
                             .existed = existed,
                             .level = l});
}

/* Of the layers below NAME is gone. What this layer has of that name stays; if it is a directory,
 * it is a new one. */
static void whiteout(struct work *w, int at, const char *name) {
    const char *gone = removed_name(name);
    if (is_removal_of_all(name)) {
        tar_must(fsetxattr(at, w->at.opaque, "y", 1, 0), w->tar.m.name);
        return;
    }
    if (!*gone || !strcmp(gone, ".") || !strcmp(gone, ".."))
        tar_refuse("%.1500s: it removes nothing that could be there", w->tar.m.name);
    if (mknodat(at, gone, S_IFCHR, makedev(0, 0)) == 0)
        return;
    tar_must(errno == EEXIST ? 0 : -1, w->tar.m.name);
    int fd = openat(at, gone, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    tar_must(fsetxattr(fd, w->at.opaque, "y", 1, 0), w->tar.m.name);
    close(fd);
    const char *whole = w->tar.m.name; /* it is another one than below */
    char *path = must_print("%.*s%s", (int)(name - whole), whole, gone);
    implied_remove(&w->implied, path);
    free(path);
}

/* umoci also removes what was in a directory of which the layer makes a file. */
static bool is_below_a_file(struct work *w, const char *path) {
    if (way_go(&w->to, path, parent_length(path), WAY_LOOK, 0) || errno != ENOTDIR)
        return false;
    const struct way *to = &w->to; /* it got as far as to the file */
    return !is_whiteout(to->levels[to->depth - 1].fd, last_name(to->path));
}

static void member(struct work *w) {
    const struct member *m = &w->tar.m;
    struct made f = {.u = w->u, .tar = &w->tar, .name = last_name(m->name), .fd = -1};
    w->u->done->files++;
    if (w->u->layer && is_aufs_note(m->name))
        return;
    if (w->u->layer && is_below_removal(m->name))
        tar_refuse("%.1500s: something is to be put into what is removed", m->name);
    bool gone = w->u->layer && is_removal(f.name);
    if (m->type == M_DIRECTORY && !gone) {
        directory(w);
        return;
    }
    if (!*m->name)
        tar_refuse("it is damaged: a file has no name");
    if (gone && is_below_a_file(w, m->name))
        return;
    f.parent = way_go(&w->at, m->name, parent_length(m->name), WAY_MAKE, 0);
    if (gone)
        whiteout(w, f.parent->fd, f.name);
    else if (m->type == M_FILE)
        file(w, &f);
    else if (m->type == M_HARD_LINK)
        hard_link(w, &f);
    else
        special(w, &f);
}

static void begin_layer(struct work *w) {
    output_open(&w->recipe, w->u->recipe, "the recipe of the layer");
    w->in.copy = &w->recipe;
    implied_open(&w->implied, w->u->implied);
    w->at.opaque = opaque_attribute(in_a_userns() || geteuid() != 0);
    w->at.is_implied = note_implied;
}

void unpack(const struct unpacking *u) {
    struct work w = {.u = u};
    w.at.of = w.to.of = &w;
    w.at.removes = remove_any;
    w.at.sets_default_acl = set_list;
    w.at.all_rights = w.to.all_rights = u->all_rights;
    umask(0);
    fremovexattr(u->root, DEFAULT_ACL); /* of the store: what is made would inherit it */
    input_open(&w.in, u->input, NULL);
    if (u->layer)
        begin_layer(&w);
    tar_open(&w.tar, &w.in);
    way_open(&w.at, u->root);
    way_open(&w.to, u->root);
    w.to.levels->implied = false;
    while (tar_next(&w.tar))
        member(&w);
    input_drain(&w.in);
    way_close(&w.to);
    way_close(&w.at);
    u->done->whole = w.tar.whole;
    if (!u->done->whole && !u->done->files)
        tar_refuse("this is no tar archive, but empty");
    if (u->layer) {
        output_flush(&w.recipe);
        implied_close(&w.implied);
    }
}
