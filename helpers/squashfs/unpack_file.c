#include "squashfs/unpack_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"
#include "tar/attributes.h"
#include "tar/owners.h"

/* The first name of a file that has several. */
struct first {
    const struct folder *in;
    char name[];
};

void seen_open(struct seen *s) {
    *s = (struct seen){.lock = PTHREAD_MUTEX_INITIALIZER};
}

void seen_close(struct seen *s) {
    inodes_free(&s->names);
}

/* Numbers of inodes in memory begin at 1. */
static char **note_of(struct seen *s, uint64_t where) {
    return inode_note(&s->names, &(struct stat){.st_ino = (ino_t)(where + 1)});
}

bool seen_directory(struct seen *s, uint64_t where) {
    static char is_directory[] = "";
    pthread_mutex_lock(&s->lock);
    char **note = note_of(s, where);
    bool before = *note;
    *note = is_directory;
    pthread_mutex_unlock(&s->lock);
    return before;
}

static int set_xattr(struct squashfs_unpacking *u, int fd, const char *name, const void *value,
                     size_t size) {
    if (fsetxattr(fd, name, value, size, 0) == 0)
        return 0;
    if (errno == EIO || errno == ENOMEM || errno == EROFS || errno == ENOSPC)
        return -errno;
    u->attributes++;
    return 0;
}

struct target {
    struct squashfs_unpacking *u;
    int fd;
};

static int keep_xattr(void *of, const char *name, const uint8_t *value, size_t size) {
    struct target *t = of;
    return attribute_is_kept(name) ? set_xattr(t->u, t->fd, name, value, size) : 0;
}

static int set_owner(struct squashfs_unpacking *u, int fd, const struct squashfs_inode *i) {
    char text[OWNER_SIZE];
    if (!i->uid && !i->gid)
        return 0;
    if (u->owners)
        return fchown(fd, i->uid, i->gid) < 0 ? -errno : 0;
    size_t length = owner_text(text, i->uid, i->gid, i->mode & 07777);
    return set_xattr(u, fd, OWNER_ATTRIBUTE, text, length);
}

int unpack_facts(struct squashfs_unpacking *u, int fd, const struct squashfs_inode *i) {
    const struct timespec times[2] = {{.tv_sec = i->mtime}, {.tv_sec = i->mtime}};
    int error = set_owner(u, fd, i);
    bool right = S_ISREG(i->mode) && !(i->mode & 07000); /* as it was made */
    if (!error && !right && fchmod(fd, i->mode & 07777) < 0)
        error = -errno;
    if (!error)
        error = squashfs_xattrs(u->image, i, keep_xattr, &(struct target){u, fd});
    return error ? error : futimens(fd, times) < 0 ? -errno : 0;
}

static int write_all(int fd, const uint8_t *bytes, size_t count, uint64_t at) {
    while (count) {
        ssize_t n = pwrite(fd, bytes, count, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        bytes += n;
        count -= (size_t)n;
        at += (uint64_t)n;
    }
    return 0;
}

static int fill(struct squashfs_unpacking *u, int fd, const struct squashfs_inode *i,
                uint8_t *buffer) {
    struct squashfs_stream t;
    uint64_t at = 0;
    bool is_hole, ends_in_hole = false;
    ssize_t n;
    squashfs_stream(u->image, i, &t);
    while ((n = squashfs_stream_next(u->image, &t, buffer, &is_hole)) > 0) {
        int error = is_hole ? 0 : write_all(fd, buffer, (size_t)n, at);
        if (error)
            return error;
        ends_in_hole = is_hole;
        at += (uint64_t)n;
        u->bytes += (uint64_t)n;
    }
    if (n < 0)
        return (int)n;
    return ends_in_hole && ftruncate(fd, (off_t)at) < 0 ? -errno : 0;
}

static int make_regular(struct squashfs_unpacking *u, int parent, const char *name,
                        const struct squashfs_inode *i, uint8_t *buffer) {
    int fd =
        openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, i->mode & 0777);
    if (fd < 0)
        return -errno;
    int error = fill(u, fd, i, buffer);
    if (!error)
        error = unpack_facts(u, fd, i);
    if (close(fd) < 0 && !error)
        error = -errno;
    return error;
}

/* The number of a device as the kernel packs it into 32 bits. */
static dev_t device_of(uint32_t packed) {
    return makedev(packed >> 8 & 0xfff, (packed & 0xff) | (packed >> 12 & 0xfff00));
}

static int make_special(struct squashfs_unpacking *u, int parent, const char *name,
                        const struct squashfs_inode *i) {
    const struct timespec times[2] = {{.tv_sec = i->mtime}, {.tv_sec = i->mtime}};
    bool is_link = S_ISLNK(i->mode), is_device = S_ISCHR(i->mode) || S_ISBLK(i->mode);
    char text[SQUASHFS_LINK];
    if (is_link) {
        int length = squashfs_readlink(u->image, i, text);
        if (length < 0)
            return length;
    }
    int done = is_link ? symlinkat(text, parent, name)
                       : mknodat(parent, name, (i->mode & S_IFMT) | 0600,
                                 is_device ? device_of(i->device) : 0);
    if (done < 0 && is_device && errno == EPERM) { /* of a run /dev is another one */
        u->devices++;
        return 0;
    }
    if (done == 0 && u->owners && (i->uid || i->gid))
        done = fchownat(parent, name, i->uid, i->gid, AT_SYMLINK_NOFOLLOW);
    if (done == 0 && !is_link)
        done = fchmodat(parent, name, i->mode & 07777, 0);
    if (done == 0)
        done = utimensat(parent, name, times, AT_SYMLINK_NOFOLLOW);
    return done < 0 ? -errno : 0;
}

static int make(struct squashfs_unpacking *u, int parent, const char *name,
                const struct squashfs_inode *i, uint8_t *buffer) {
    return S_ISREG(i->mode) ? make_regular(u, parent, name, i, buffer)
                            : make_special(u, parent, name, i);
}

/* Open a directory again, from the top: it may be finished, and its descriptor closed. */
static int open_again(const struct folder *f) {
    if (!f->parent)
        return openat(f->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int parent = open_again(f->parent);
    if (parent < 0)
        return -1;
    int fd = openat(parent, f->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    close(parent);
    return fd;
}

static int link_to(const struct first *first, int parent, const char *name) {
    int fd = open_again(first->in);
    if (fd < 0)
        return -errno;
    int error = linkat(fd, first->name, parent, name, 0) < 0 ? -errno : 0;
    close(fd);
    return error;
}

/* A file with several names is made once, under the lock: it is whole when the next one comes. */
static int make_or_link(struct squashfs_unpacking *u, struct seen *seen, struct folder *in,
                        const char *name, const struct squashfs_inode *i, uint8_t *buffer) {
    char **note = note_of(seen, i->where);
    if (*note) {
        int error = link_to((struct first *)(void *)*note, in->fd, name);
        bool skipped = error == -ENOENT && (S_ISCHR(i->mode) || S_ISBLK(i->mode));
        u->devices += skipped;
        return skipped ? 0 : error;
    }
    struct first *first = must_allocate(1, sizeof *first + strlen(name) + 1);
    first->in = in;
    memcpy(first->name, name, strlen(name) + 1);
    *note = (char *)first;
    return make(u, in->fd, name, i, buffer);
}

int unpack_file(struct squashfs_unpacking *u, struct seen *seen, struct folder *in,
                const char *name, const struct squashfs_inode *i, uint8_t *buffer) {
    if (i->links < 2)
        return make(u, in->fd, name, i, buffer);
    pthread_mutex_lock(&seen->lock);
    int error = make_or_link(u, seen, in, name, i, buffer);
    pthread_mutex_unlock(&seen->lock);
    return error;
}
