/* Shows what our reader finds in a squashfs, unpacks it, mounts it, and decodes blocks.
 *
 *     reader list FILE BEGIN           a line of JSON a file
 *     reader unpack FILE BEGIN PATH DIR [owners]
 *     reader only FILE BEGIN PATTERN DIR
 *     reader mount FILE BEGIN PATH DIR THREADS
 *     reader payload FILE
 *     reader decode KIND ROOM          of standard input, to standard output
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/sha256.h"
#include "fuse/server.h"
#include "squashfs/payload.h"
#include "squashfs/unpack.h"

static struct squashfs image;

static _Noreturn void wrong(const char *path, int error) {
    fprintf(stderr, "%s: %s\n", path, strerror(-error));
    exit(1);
}

static void put_hex(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        printf("%02x", bytes[i]);
}

static void put_content(const struct squashfs_inode *i, const char *path) {
    static uint8_t buffer[1 << 20];
    enum { AT_ONCE = 300 * 1000 }; /* not the size of any block */
    uint8_t digest[SHA256_SIZE];
    struct sha256 sum;
    ssize_t n;
    sha256_begin(&sum);
    for (uint64_t at = 0; (n = squashfs_read(&image, i, at, buffer, AT_ONCE)) != 0;
         at += (uint64_t)n) {
        if (n < 0)
            wrong(path, (int)n);
        sha256_more(&sum, buffer, (size_t)n);
    }
    sha256_end(&sum, digest);
    put_hex(digest, sizeof digest);
}

static int put_xattr(void *of, const char *name, const uint8_t *value, size_t size) {
    (void)of;
    printf(" %s=", name);
    put_hex(value, size);
    return 0;
}

static void list(const struct squashfs_inode *i, const char *path) {
    char text[SQUASHFS_LINK] = "";
    put_hex((const uint8_t *)path, strlen(path));
    printf("\t%o %u %u %u %u ", i->mode, i->uid, i->gid, i->mtime, i->links);
    if (S_ISREG(i->mode))
        printf("%llu ", (unsigned long long)i->size);
    if (S_ISREG(i->mode))
        put_content(i, path);
    if (S_ISLNK(i->mode)) {
        int n = squashfs_readlink(&image, i, text);
        if (n < 0)
            wrong(path, n);
        put_hex((const uint8_t *)text, (size_t)n);
    }
    if (S_ISCHR(i->mode) || S_ISBLK(i->mode))
        printf("%x", i->device);
    int error = squashfs_xattrs(&image, i, put_xattr, NULL);
    if (error)
        wrong(path, error);
    putchar('\n');
    if (!S_ISDIR(i->mode))
        return;
    struct squashfs_listing l;
    int next = squashfs_list(&image, i, &l);
    if (!next)
        next = 1;
    while (next > 0 && (next = squashfs_next(&image, &l)) > 0) {
        struct squashfs_inode child, again;
        uint64_t where;
        int found = squashfs_lookup(&image, i, l.name, &where);
        error = squashfs_inode(&image, l.where, &child);
        if (error || found || where != l.where || squashfs_inode(&image, where, &again))
            wrong(path, error ? error : found ? found : -EILSEQ);
        if ((child.mode & S_IFMT) != l.type || child.number != l.number)
            wrong(l.name, -EUCLEAN);
        char *below = must_print("%s/%s", path, l.name);
        list(&child, below);
        free(below);
    }
    if (next < 0)
        wrong(path, next);
}

static void find(const char *path, struct squashfs_inode *i) {
    int error = squashfs_find(&image, path, i);
    if (error)
        wrong(path, error);
}

static int unpack(struct squashfs_unpacking *u, const char *dir) {
    umask(0);
    u->image = &image;
    u->into = must(open(dir, O_RDONLY | O_DIRECTORY), "open", dir);
    if (!squashfs_unpack(u)) {
        fprintf(stderr, "%s\n", u->wrong);
        return 1;
    }
    printf("%llu %llu %llu %llu\n", (unsigned long long)u->files, (unsigned long long)u->bytes,
           (unsigned long long)u->devices, (unsigned long long)u->attributes);
    return 0;
}

static int mount_it(const struct squashfs_inode *i, const char *dir, const char *threads) {
    int device = must(fuse_mount(dir, 0), "mount", dir);
    puts("ready");
    fflush(stdout);
    return fuse_serve(&(struct fuse_serving){.image = &image,
                                             .root = i->where,
                                             .device = device,
                                             .threads = (unsigned)atoi(threads),
                                             .owners = true});
}

static int decode(const char *kind, size_t room) {
    static uint8_t in[4 << 20], out[4 << 20];
    static const struct {
        const char *name;
        decoder *function;
    } kinds[] = {
        {"gzip", decode_zlib}, {"lz4", decode_lz4}, {"zstd", decode_zstd}, {"xz", decode_xz}};
    size_t n = fread(in, 1, sizeof in, stdin);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        if (strcmp(kind, kinds[k].name) != 0)
            continue;
        ptrdiff_t made = kinds[k].function(in, n, out, room);
        if (made >= 0)
            fwrite(out, 1, (size_t)made, stdout);
        return made < 0;
    }
    return 2;
}

static int show_payload(const char *file) {
    struct payload p;
    int fd = must(open(file, O_RDONLY), "open", file);
    const char *why = payload_find(fd, &p);
    if (!why)
        printf("%llu %llu %s\n", (unsigned long long)p.begin, (unsigned long long)p.digest_at,
               p.digest);
    if (!why)
        why = payload_verify(fd, &p);
    if (why)
        fprintf(stderr, "%s\n", why);
    return why != NULL;
}

int main(int argc, char **argv) {
    struct squashfs_inode i;
    if (argc == 4 && !strcmp(argv[1], "decode"))
        return decode(argv[2], (size_t)atol(argv[3]));
    if (argc == 3 && !strcmp(argv[1], "payload"))
        return show_payload(argv[2]);
    if (argc < 4)
        return 2;
    int fd = must(open(argv[2], O_RDONLY | O_CLOEXEC), "open", argv[2]);
    const char *why = squashfs_open(&image, fd, (uint64_t)atoll(argv[3]));
    if (why) {
        fprintf(stderr, "%s\n", why);
        return 1;
    }
    if (argc == 4 && !strcmp(argv[1], "list")) {
        find("", &i);
        list(&i, "");
        return 0;
    }
    if (argc >= 6 && !strcmp(argv[1], "unpack")) {
        find(argv[4], &i);
        return unpack(&(struct squashfs_unpacking){.from = i.where, .owners = argc > 6}, argv[5]);
    }
    if (argc == 6 && !strcmp(argv[1], "only"))
        return unpack(&(struct squashfs_unpacking){.from = image.root, .only = argv[4]}, argv[5]);
    if (argc == 7 && !strcmp(argv[1], "mount")) {
        find(argv[4], &i);
        return mount_it(&i, argv[5], argv[6]);
    }
    return 2;
}
