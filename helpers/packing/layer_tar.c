#include "packing/layer_tar.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "layer/implied_notes.h"
#include "layer/whiteout_names.h"
#include "packing/layer_attributes.h"
#include "tar/owners.h"
#include "tar/put.h"
#include "tar/trouble.h"
#include "tree/inodes.h"
#include "tree/names.h"

/* Within a directory; readers may want whiteouts before the files beside them (OCI image-spec). */
enum rank { WHITEOUT = '0', OTHER };

struct packing {
    struct layer_tar *of;
    struct output out;
    struct implied_list implied;
    struct inodes twins; /* noted: the first name of each */
    struct layer_attributes attributes;
    char path[MOST_NAME + 256]; /* of the file that is looked at; we are in its directory */
};

static void leave_out(struct packing *p, enum layer_left_out kind) {
    struct left_out *l = p->of->left_out + kind;
    l->first = l->files++ ? l->first : must_copy(p->path);
}

static struct member describe(const struct packing *p, char *name, const struct stat *st) {
    const struct layer_attributes *a = &p->attributes;
    struct member m = {.name = name,
                       .mode = st->st_mode & 07777,
                       .uid = st->st_uid,
                       .gid = st->st_gid,
                       .mtime = st->st_mtim};
    if (a->has_owner && !m.uid && !m.gid) {
        m.uid = a->uid;
        m.gid = a->gid;
    }
    if (m.mtime.tv_sec >= p->of->latest)
        m.mtime = (struct timespec){.tv_sec = p->of->latest};
    return m;
}

static void put(struct packing *p, const struct member *m) {
    member_put(&p->out, m, p->attributes.list, p->attributes.count);
}

/* "" is all that the layers below have in the directory. When a file was removed depends on the
 * kernel, which uses one whiteout for many; so none has a time. */
static void put_whiteout(struct packing *p, const char *removed) {
    size_t parent = *removed ? parent_length(p->path) : strlen(p->path);
    char *name = must_print("%.*s%s.wh.%s", (int)parent, p->path, parent ? "/" : "",
                            *removed ? removed : ".wh..opq");
    if (strlen(name) > MOST_NAME)
        leave_out(p, LEFT_LENGTH);
    else
        member_put(&p->out, &(struct member){.type = M_FILE, .name = name}, NULL, 0);
    free(name);
}

static _Noreturn void changed(const struct packing *p) {
    tar_refuse("%.1500s: it changed while it was read", p->path);
}

/* Holes are written as the zeros that they are read as. Go's archive/tar knows the ways to leave
 * them out, but what docker and podman keep of a layer so as to make its tar again (tar-split) does
 * not: they could not push it on. Also, a copy of a layer may have other holes, and shall have the
 * same tar. Compressed it makes hardly a difference. */
static void put_file(struct packing *p, const char *name, const struct member *m) {
    /* To open a fifo would wait. */
    int fd = tar_must(open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), p->path);
    put(p, m);
    if (!output_copy(&p->out, fd, p->path, 0, m->size))
        changed(p);
    member_end(&p->out, m);
    close(fd);
}

static void put_symlink(struct packing *p, const char *name, struct member *m) {
    char target[MOST_NAME + 1];
    ssize_t n = readlink(name, target, sizeof target - 1);
    tar_must(n < 0 ? -1 : 0, p->path);
    target[n] = 0;
    m->type = M_SYMLINK;
    m->link = target;
    put(p, m);
}

/* The facts are repeated with each name: docker sets some of them once more. */
static void put_other(struct packing *p, const char *name, const struct stat *st) {
    struct member m = describe(p, p->path, st);
    char **twin = st->st_nlink > 1 ? inode_note(&p->twins, st) : NULL;
    if (twin && *twin) {
        m.type = M_HARD_LINK;
        m.link = *twin;
        put(p, &m);
        return;
    }
    if (twin)
        *twin = must_copy(p->path);
    if (S_ISREG(st->st_mode)) {
        m.type = M_FILE;
        m.size = (uint64_t)st->st_size;
        put_file(p, name, &m);
    } else if (S_ISLNK(st->st_mode)) {
        put_symlink(p, name, &m);
    } else {
        m.type = S_ISFIFO(st->st_mode) ? M_FIFO : S_ISBLK(st->st_mode) ? M_BLOCK : M_CHARACTER;
        m.major = major(st->st_rdev);
        m.minor = minor(st->st_rdev);
        put(p, &m);
    }
}

static bool is_gone(const struct stat *st) {
    return S_ISCHR(st->st_mode) && !st->st_rdev;
}

/* Closes the directory, which is the working directory. */
static struct names names_in(const struct packing *p, int fd) {
    struct names names = {0};
    DIR *dir = must_have(fdopendir(fd), "read in the layer", p->path);
    for (struct dirent *e; (errno = 0, e = readdir(dir));) {
        struct stat st;
        bool gone = (e->d_type == DT_CHR || e->d_type == DT_UNKNOWN) &&
                    tar_must(lstat(e->d_name, &st), p->path) == 0 && is_gone(&st);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            names_add(&names, gone ? WHITEOUT : OTHER, e->d_name);
    }
    tar_must(errno ? -1 : 0, p->path);
    closedir(dir);
    names_sort(&names);
    return names;
}

static void put_directory(struct packing *p, size_t length, int fd, const struct stat *st);

/* However deep it goes, hardly a directory is open. */
static void go_into(struct packing *p, size_t length, const char *name) {
    struct stat st, above, back;
    int fd = tar_must(open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), p->path);
    tar_must(lstat(".", &above), p->path);
    tar_must(fchdir(fd), p->path);
    tar_must(fstat(fd, &st), p->path);
    put_directory(p, length, fd, &st);
    tar_must(chdir(".."), p->path);
    tar_must(lstat(".", &back), p->path);
    if (back.st_ino != above.st_ino || back.st_dev != above.st_dev)
        changed(p);
}

static void put_one(struct packing *p, size_t length, const char *name) {
    struct stat st;
    tar_must(lstat(name, &st), p->path);
    if (is_removal(name)) {
        leave_out(p, LEFT_NAME);
    } else if (S_ISDIR(st.st_mode)) {
        go_into(p, length, name);
    } else if (S_ISSOCK(st.st_mode)) {
        leave_out(p, LEFT_SOCKET);
    } else if (is_gone(&st)) {
        put_whiteout(p, name);
    } else {
        layer_attributes_read(&p->attributes, name, p->path);
        if (p->attributes.whiteout && S_ISREG(st.st_mode) && !st.st_size)
            put_whiteout(p, name);
        else
            put_other(p, name, &st);
    }
}

/* The path is that of the directory, in which we are; so it is again afterwards. */
static void put_directory(struct packing *p, size_t length, int fd, const struct stat *st) {
    layer_attributes_read(&p->attributes, ".", p->path);
    struct member m = describe(p, p->path, st);
    m.type = M_DIRECTORY;
    if (!implied_has(&p->implied, p->path))
        put(p, &m);
    if (p->attributes.opaque)
        put_whiteout(p, "");
    struct names names = names_in(p, fd);
    for (size_t i = 0; i < names.count; i++) {
        const char *name = names.list[i] + 1;
        size_t end = length + (length > 0) + strlen(name);
        memcpy(p->path + length, "/", length > 0);
        strcpy(p->path + length + (length > 0), name);
        if (end > MOST_NAME)
            leave_out(p, LEFT_LENGTH);
        else
            put_one(p, end, name);
    }
    p->path[length] = 0;
    names_free(&names);
}

void layer_tar(struct layer_tar *l) {
    static struct packing p;
    struct stat st;
    p.of = l;
    p.implied = implied_read(l->implied);
    output_open(&p.out, l->output, "standard output");
    tar_must(fchdir(l->root), "");
    tar_must(fstat(l->root, &st), "");
    put_directory(&p, 0, l->root, &st);
    tar_end(&p.out);
    output_flush(&p.out);
}
