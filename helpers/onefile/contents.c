#include "onefile/contents.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

/* push:app finds the place of the digest by the word before it. */
__attribute__((section(PAYLOAD_SECTION))) static const char stamp[96] = PAYLOAD_STAMP;

static _Noreturn void refuse_file(const char *why) {
    fail((struct failure){.step = "read",
                          .thing = "the image in this file",
                          .reason = why,
                          .remedy = "Get the file again"});
}

static const char *path_of_itself(void) {
    static char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    return path;
}

static void *shared_memory(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(memory == MAP_FAILED ? -1 : 0, "allocate memory", NULL);
    return memory;
}

struct contents contents_here(void) {
    struct contents c = {.path = path_of_itself()};
    struct stat st;
    __asm__ volatile("" ::"r"(stamp)); /* else the linker drops what nothing refers to */
    c.fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    if (c.fd < 0)
        fail((struct failure){.step = "read",
                              .thing = c.path,
                              .error = errno,
                              .remedy =
                                  errno == EACCES ? "It has to be readable: chmod a+r" : NULL});
    must(fstat(c.fd, &st), "look at", c.path);
    const char *why = payload_find(c.fd, &c.payload);
    if (!why && (uint64_t)st.st_size <= c.payload.begin && *c.payload.digest)
        why = "it is cut off";
    if (why)
        refuse_file(why);
    if ((uint64_t)st.st_size > c.payload.begin)
        return c;
    const char *slash = strrchr(c.path, '/');
    c.beside = must_print("%.*s", slash ? (int)(slash - c.path) : 0, c.path);
    if (access(must_print("%s/rootfs", c.beside), F_OK) < 0)
        refuse("this is the runtime of the files that `plash push:app` makes: there is no image in "
               "it, nor a rootfs beside it");
    return c;
}

void contents_open(struct contents *c) {
    if (c->unpacking || c->beside)
        return;
    const char *why = squashfs_open(&c->image, c->fd, c->payload.begin);
    if (why)
        refuse_file(why);
    c->unpacking = shared_memory(sizeof *c->unpacking);
}

static char *conf_beside(const struct contents *c, size_t *length) {
    const char *path = must_print("%s/app.conf", c->beside);
    int fd = must(open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "read", path);
    char *text = must_allocate(MOST_CONF + 1, 1);
    ssize_t n = read(fd, text, MOST_CONF + 1);
    must(n < 0 ? -1 : 0, "read", path);
    if (n > MOST_CONF)
        refuse("cannot read %s: it has more than 1 MiB", path);
    close(fd);
    *length = (size_t)n;
    return text;
}

char *contents_conf(struct contents *c, size_t *length) {
    struct squashfs_inode file;
    if (c->beside)
        return conf_beside(c, length);
    contents_open(c);
    if (squashfs_find(&c->image, "app.conf", &file) < 0 || !S_ISREG(file.mode))
        refuse_file("it has no app.conf");
    if (file.size > MOST_CONF)
        refuse_file("its app.conf has more than 1 MiB");
    char *text = must_allocate(file.size + 1, 1);
    if (squashfs_read(&c->image, &file, 0, (uint8_t *)text, file.size) != (ssize_t)file.size)
        refuse_file("it is damaged");
    *length = file.size;
    return text;
}

uint64_t contents_rootfs(struct contents *c) {
    struct squashfs_inode rootfs;
    contents_open(c);
    if (squashfs_find(&c->image, "rootfs", &rootfs) < 0 || !S_ISDIR(rootfs.mode))
        refuse_file("there is no rootfs in it");
    return rootfs.where;
}

unsigned contents_unpacked(const struct contents *c) {
    uint64_t done = c->unpacking->files, all = c->image.inodes;
    return done >= all ? 100 : (unsigned)(done * 100 / all);
}

struct sum {
    struct contents *of;
    const char *why;
};

static void *verify(void *of) {
    struct sum *s = of;
    s->why = payload_verify(s->of->fd, &s->of->payload);
    return NULL;
}

/* Whole and right, or not at all. */
static const char *unpack(struct contents *c, bool checks) {
    struct sum sum = {.of = c};
    pthread_t summing;
    bool started = checks && pthread_create(&summing, NULL, verify, &sum) == 0;
    mode_t usual = umask(0);
    bool unpacked = squashfs_unpack(c->unpacking);
    umask(usual);
    if (started)
        pthread_join(summing, NULL);
    else if (checks)
        verify(&sum);
    return unpacked ? sum.why : c->unpacking->wrong;
}

const char *contents_unpack(struct contents *c, int into, enum map map, bool checks) {
    uint64_t rootfs = contents_rootfs(c);
    *c->unpacking = (struct squashfs_unpacking){.image = &c->image,
                                                .from = rootfs,
                                                .into = into,
                                                .owners = map == MAP_ROOT || map == MAP_FULL};
    return unpack(c, checks);
}

void contents_extract(struct contents *c, int into, const char *pattern) {
    contents_open(c);
    *c->unpacking = (struct squashfs_unpacking){.image = &c->image,
                                                .from = c->image.root,
                                                .into = into,
                                                .owners = geteuid() == 0,
                                                .only = pattern};
    const char *why = unpack(c, false);
    if (why)
        refuse("cannot unpack %s", why);
}
