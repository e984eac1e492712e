/* Images: whatever the bytes, reading ends, and what is found fits together. */
#include <sys/stat.h>

#include "squashfs/squashfs.h"

#include "fuzz.h"

enum { MOST_FILES = 300, MOST_DEPTH = 30, MOST_READ = 1 << 20 };

static struct squashfs image;
static int files;

static int each(void *of, const char *name, const uint8_t *value, size_t size) {
    size_t *count = of;
    never(!strchr(name, '.') || strlen(name) > 255 || size > SQUASHFS_XATTR);
    *count += size && value[size - 1];
    return 0;
}

static void read_content(const struct squashfs_inode *i) {
    static uint8_t one[1 << 20], other[1 << 20];
    struct squashfs_stream t;
    bool is_hole;
    uint64_t at = 0;
    ssize_t n = 0;
    squashfs_stream(&image, i, &t);
    while (at < MOST_READ && (n = squashfs_stream_next(&image, &t, one, &is_hole)) > 0) {
        never((uint64_t)n > image.block_size);
        if (is_hole)
            memset(one, 0, (size_t)n);
        size_t part = (size_t)n / 3; /* the same, read in another way */
        never(squashfs_read(&image, i, at + part, other, (size_t)n - part) != n - (ssize_t)part);
        never(memcmp(one + part, other, (size_t)n - part) != 0);
        at += (uint64_t)n;
    }
    never(n == 0 && at != i->size);
    never(squashfs_read(&image, i, i->size, one, 1) > 0);
}

static void look(const struct squashfs_inode *i, int depth) {
    char text[SQUASHFS_LINK];
    size_t count = 0;
    squashfs_xattrs(&image, i, each, &count);
    int length = squashfs_readlink(&image, i, text);
    never(length > 0 && strlen(text) != (size_t)length);
    if (S_ISREG(i->mode))
        read_content(i);
    struct squashfs_listing l;
    if (depth > MOST_DEPTH || squashfs_list(&image, i, &l) < 0)
        return;
    while (files++ < MOST_FILES && squashfs_next(&image, &l) > 0) {
        struct squashfs_inode child;
        uint64_t where;
        never(!*l.name || strchr(l.name, '/') || !strcmp(l.name, "..") || !strcmp(l.name, "."));
        squashfs_lookup(&image, i, l.name, &where);
        if (squashfs_inode(&image, l.where, &child) == 0)
            look(&child, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct squashfs_inode root;
    int fd = file_of(data, size);
    files = 0;
    if (!squashfs_open(&image, fd, 0)) {
        never(image.size > size);
        if (squashfs_find(&image, "", &root) == 0)
            look(&root, 0);
        squashfs_find(&image, "a/b//c", &root);
        squashfs_close(&image);
    }
    close(fd);
    return 0;
}
