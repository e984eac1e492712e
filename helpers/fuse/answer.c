#include "fuse/answer.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fuse/directory.h"
#include "tar/attributes.h"

static void look_up(struct fuse_worker *w, const struct fuse_in_header *in, const char *name) {
    struct squashfs_inode dir;
    struct fuse_entry_out entry;
    uint64_t where;
    int error = fuse_inode(w, in->nodeid, &dir);
    if (!error)
        error = squashfs_lookup(w->serving->image, &dir, name, &where);
    if (!error)
        error = fuse_entry(w, where, &entry);
    if (error == -ENOENT) { /* node 0: that it is not there is also kept */
        entry = (struct fuse_entry_out){.entry_valid = FOR_EVER};
        error = 0;
    }
    fuse_reply(w, in, error, &entry, sizeof entry);
}

static void get_attributes(struct fuse_worker *w, const struct fuse_in_header *in) {
    struct squashfs_inode inode;
    struct fuse_attr_out out = {.attr_valid = FOR_EVER};
    int error = fuse_inode(w, in->nodeid, &inode);
    if (!error)
        fuse_attributes(w, &inode, &out.attr);
    fuse_reply(w, in, error, &out, sizeof out);
}

static void read_link(struct fuse_worker *w, const struct fuse_in_header *in) {
    struct squashfs_inode inode;
    int length = fuse_inode(w, in->nodeid, &inode);
    if (!length)
        length = squashfs_readlink(w->serving->image, &inode, (char *)w->reply);
    fuse_reply(w, in, length < 0 ? length : 0, w->reply, length < 0 ? 0 : (size_t)length);
}

static void read_file(struct fuse_worker *w, const struct fuse_in_header *in,
                      const struct fuse_read_in *read) {
    struct squashfs_inode inode;
    size_t size = read->size < MOST_READ ? read->size : MOST_READ;
    ssize_t count = fuse_inode(w, in->nodeid, &inode);
    if (!count)
        count = squashfs_read(w->serving->image, &inode, read->offset, w->reply, size);
    fuse_reply(w, in, count < 0 ? (int)count : 0, w->reply, count < 0 ? 0 : (size_t)count);
}

/* Attributes wanted: the value of one, or the names of all. */
struct wanted {
    const char *name; /* NULL: all */
    uint8_t *to;
    size_t used, room;
    bool is_found;
};

static int take_xattr(void *of, const char *name, const uint8_t *value, size_t size) {
    struct wanted *x = of;
    if (!attribute_is_kept(name) || (x->name && strcmp(name, x->name) != 0))
        return 0;
    const void *from = x->name ? (const void *)value : name;
    if (!x->name)
        size = strlen(name) + 1;
    if (size > x->room - x->used)
        return -E2BIG;
    if (size)
        memcpy(x->to + x->used, from, size);
    x->used += size;
    x->is_found = true;
    return 0;
}

/* Where no file has any the kernel is told so once, and does not ask again. */
static void get_xattrs(struct fuse_worker *w, const struct fuse_in_header *in, const char *name,
                       size_t room) {
    struct squashfs *s = w->serving->image;
    struct squashfs_inode inode;
    struct wanted x = {.name = name, .to = w->reply, .room = SQUASHFS_XATTR};
    int error = s->xattrs ? fuse_inode(w, in->nodeid, &inode) : -ENOSYS;
    if (!error)
        error = squashfs_xattrs(s, &inode, take_xattr, &x);
    if (!error && name && !x.is_found)
        error = -ENODATA;
    if (!error && room && x.used > room)
        error = -ERANGE;
    struct fuse_getxattr_out size = {.size = (uint32_t)x.used};
    if (room)
        fuse_reply(w, in, error, x.to, x.used);
    else
        fuse_reply(w, in, error, &size, sizeof size);
}

static void get_sizes(struct fuse_worker *w, const struct fuse_in_header *in) {
    const struct squashfs *s = w->serving->image;
    struct fuse_statfs_out out = {.st = {.blocks = s->size / 4096,
                                         .files = s->inodes,
                                         .bsize = 4096,
                                         .frsize = 4096,
                                         .namelen = SQUASHFS_NAME - 1}};
    fuse_reply(w, in, 0, &out, sizeof out);
}

static void begin(struct fuse_worker *w, const struct fuse_in_header *in,
                  const struct fuse_init_in *asked) {
    enum { OLDEST = 31 };
    static const uint32_t wanted = FUSE_ASYNC_READ | FUSE_PARALLEL_DIROPS | FUSE_DO_READDIRPLUS |
                                   FUSE_READDIRPLUS_AUTO | FUSE_CACHE_SYMLINKS |
                                   FUSE_NO_OPEN_SUPPORT | FUSE_NO_OPENDIR_SUPPORT | FUSE_MAX_PAGES |
                                   FUSE_BIG_WRITES | FUSE_EXPLICIT_INVAL_DATA;
    struct fuse_init_out out = {
        .major = FUSE_KERNEL_VERSION,
        .minor = FUSE_KERNEL_MINOR_VERSION,
        .flags = asked->flags & wanted,
        .max_readahead = asked->max_readahead < MOST_READ ? asked->max_readahead : MOST_READ,
        .max_background = 32,
        .congestion_threshold = 24,
        .max_write = 4096,
        .max_pages = MOST_READ / 4096,
        .time_gran = 1000000000,
    };
    bool is_old = asked->major < FUSE_KERNEL_VERSION || asked->minor < OLDEST;
    fuse_reply(w, in, is_old ? -EPROTO : 0, &out, sizeof out);
}

/* How long what follows the header is at least; of those with a name it is before the name. */
static size_t body_of(uint32_t opcode) {
    switch (opcode) {
    case FUSE_INIT:
        return offsetof(struct fuse_init_in, flags) + sizeof(uint32_t);
    case FUSE_READ:
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
        return sizeof(struct fuse_read_in);
    case FUSE_GETXATTR:
    case FUSE_LISTXATTR:
        return sizeof(struct fuse_getxattr_in);
    default:
        return 0;
    }
}

static bool is_whole(const struct fuse_in_header *in, const uint8_t *body, size_t count) {
    bool named = in->opcode == FUSE_LOOKUP || in->opcode == FUSE_GETXATTR;
    size_t least = body_of(in->opcode);
    return count >= least + named && (!named || !body[count - 1]);
}

void fuse_answer(struct fuse_worker *w, size_t count) {
    const struct fuse_in_header *in = (const void *)w->request;
    const uint8_t *body = w->request + sizeof *in;
    const struct fuse_getxattr_in *xattr = (const void *)body;
    if (count < sizeof *in || in->len != count)
        return;
    if (!is_whole(in, body, count - sizeof *in)) {
        fuse_reply(w, in, -EINVAL, NULL, 0);
        return;
    }
    switch (in->opcode) {
    case FUSE_INIT:
        return begin(w, in, (const void *)body);
    case FUSE_LOOKUP:
        return look_up(w, in, (const char *)body);
    case FUSE_GETATTR:
        return get_attributes(w, in);
    case FUSE_READLINK:
        return read_link(w, in);
    case FUSE_READ:
        return read_file(w, in, (const void *)body);
    case FUSE_READDIR:
    case FUSE_READDIRPLUS:
        return fuse_read_directory(w, in, (const void *)body, in->opcode == FUSE_READDIRPLUS);
    case FUSE_GETXATTR:
        return get_xattrs(w, in, (const char *)(xattr + 1), xattr->size);
    case FUSE_LISTXATTR:
        return get_xattrs(w, in, NULL, xattr->size);
    case FUSE_STATFS:
        return get_sizes(w, in);
    case FUSE_FORGET:
    case FUSE_BATCH_FORGET:
    case FUSE_INTERRUPT:
        return; /* no answer is expected */
    default:    /* the kernel does it without us: it opens, and keeps what it read */
        fuse_reply(w, in, -ENOSYS, NULL, 0);
    }
}
