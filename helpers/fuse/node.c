#include "fuse/node.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* Nothing is remembered of what the kernel knows: the number of a node is where its inode is. 0 is
 * no node, and 1 the root. */
enum { FIRST_NODE = FUSE_ROOT_ID + 1 };

static uint64_t node_at(const struct fuse_worker *w, uint64_t where) {
    return where == w->serving->root ? FUSE_ROOT_ID : where + FIRST_NODE;
}

int fuse_inode(const struct fuse_worker *w, uint64_t node, struct squashfs_inode *inode) {
    if (node < FUSE_ROOT_ID)
        return -ENOENT;
    uint64_t where = node == FUSE_ROOT_ID ? w->serving->root : node - FIRST_NODE;
    return squashfs_inode(w->serving->image, where, inode);
}

void fuse_reply(const struct fuse_worker *w, const struct fuse_in_header *in, int error,
                const void *data, size_t count) {
    struct fuse_out_header head = {
        .len = (uint32_t)sizeof head, .error = error, .unique = in->unique};
    struct iovec parts[2] = {{&head, sizeof head}, {(void *)(uintptr_t)data, count}};
    int used = error || !count ? 1 : 2;
    if (used == 2)
        head.len += (uint32_t)count;
    /* Who asked may have ended (ENOENT). Anybody else would wait for ever, but for our end. */
    if (writev(w->serving->device, parts, used) < 0 && errno != ENOENT)
        _exit(1);
}

void fuse_attributes(const struct fuse_worker *w, const struct squashfs_inode *i,
                     struct fuse_attr *a) {
    bool is_device = S_ISCHR(i->mode) || S_ISBLK(i->mode);
    *a = (struct fuse_attr){
        .ino = i->number,
        .size = S_ISDIR(i->mode) || S_ISREG(i->mode) || S_ISLNK(i->mode) ? i->size : 0,
        .blocks = S_ISREG(i->mode) ? (i->size + 511) / 512 : 0,
        .atime = i->mtime,
        .mtime = i->mtime,
        .ctime = i->mtime,
        .mode = i->mode,
        .nlink = i->links,
        .uid = w->serving->owners ? i->uid : 0,
        .gid = w->serving->owners ? i->gid : 0,
        .rdev = is_device ? i->device : 0, /* packed as the kernel packs it */
        .blksize = w->serving->image->block_size,
    };
}

int fuse_entry(const struct fuse_worker *w, uint64_t where, struct fuse_entry_out *entry) {
    struct squashfs_inode inode;
    int error = squashfs_inode(w->serving->image, where, &inode);
    if (error)
        return error;
    *entry = (struct fuse_entry_out){
        .nodeid = node_at(w, where), .entry_valid = FOR_EVER, .attr_valid = FOR_EVER};
    fuse_attributes(w, &inode, &entry->attr);
    return 0;
}
