/* engine:list and engine:read — into an image, with the eyes of its root. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine.h"
#include "kernel.h"
#include "mounting.h"
#include "must.h"
#include "root.h"
#include "status.h"
#include "store.h"

struct look {
    bool layer; /* the image's own layer, not all of them merged */
    uint64_t offset, length;
    const char *path;
};

/* What the words on the command line mean, and `path` in the image, opened as a mere place:
 * whatever it is, nothing happens to it yet. Links in the image, absolute ones too, lead
 * nowhere but into the image. */
static int look_at(struct look *l, int argc, char **argv, bool ranges) {
    const struct option known[] = {{"--layer", .flag = &l->layer},
                                   {ranges ? "--offset" : NULL, .number = &l->offset},
                                   {"--length", .number = &l->length},
                                   {0}};
    l->length = INT64_MAX;
    int at = words_read(argc, argv, known, 3, 3);
    struct store s = store_at(argv[at]);
    struct mounting m = {.store = s.path, .image = image_named(&s, argv[at + 1])};
    l->path = argv[at + 2];
    image_lock(&s, &m.image);
    namespaces_enter();
    watch_lifeline();

    int root, layers[MOST_LOWERS];
    if (l->layer) {
        s = store_at(s.path);
        image_layers(&s, &m.image, layers);
        root = layers[0];
    } else {
        root = mount_image(&m, false);
    }
    const char *path = *l->path ? l->path : "/";
    int fd = k_openat2(root, path, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS);
    return must(fd, must_print("look in image %s at", m.image.id), path);
}

static bool is_opaque(int dir, const char *name) {
    char value[2];
    int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && (errno == EACCES || errno == ENOENT))
        return false; /* somebody's beyond our ids; or gone */
    must(fd, "list", name);
    bool opaque = (fgetxattr(fd, "user.overlay.opaque", value, 2) == 1 && *value == 'y') ||
                  (fgetxattr(fd, "trusted.overlay.opaque", value, 2) == 1 && *value == 'y');
    close(fd);
    return opaque;
}

static char letter_of(const struct stat *st) {
    switch (st->st_mode & S_IFMT) {
    case S_IFDIR:
        return 'd';
    case S_IFLNK:
        return 'l';
    case S_IFBLK:
        return 'b';
    case S_IFIFO:
        return 'p';
    case S_IFSOCK:
        return 's';
    case S_IFCHR:
        return st->st_rdev ? 'c' : 'w'; /* a file that the lower layers have is gone */
    default:
        return '-';
    }
}

static void print_entry(int dir, const char *name, bool layer) {
    struct stat st;
    char target[4096] = "", device[32] = "";
    int found = fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW);
    if (found < 0 && errno == ENOENT)
        return; /* it went while we looked */
    must(found, "list", name);
    char letter = letter_of(&st);
    if (letter == 'l') {
        int n = must((int)readlinkat(dir, name, target, sizeof target - 1), "list", name);
        target[n] = 0;
    }
    if (letter == 'c' || letter == 'b')
        snprintf(device, sizeof device, "%u:%u", major(st.st_rdev), minor(st.st_rdev));
    const char *opaque = letter == 'd' && layer && is_opaque(dir, name) ? "y" : "";
    if (printf("%s%c%c%c%o%c%u%c%u%c%lld%c%lld%c%lld%c%s%c%s%c%s%c", name, 0, letter, 0,
               st.st_mode & 07777, 0, st.st_uid, 0, st.st_gid, 0, (long long)st.st_size, 0,
               (long long)st.st_blocks * 512, 0,
               (long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec, 0, device, 0, target,
               0, opaque, 0) < 0)
        answer_is_out();
}

/* Of every entry but . and .., in no order, eleven fields, each ended by a NUL:
 *   name   type (- d l c b p s, w a whiteout)   mode, octal   uid   gid, as seen inside
 *   size   allocated bytes   modified, in ns since 1970   MAJOR:MINOR of a device, else ""
 *   target of a symbolic link, else ""   y for an opaque directory, else "" */
int verb_engine_list(int argc, char **argv) {
    struct look l = {0};
    int place = look_at(&l, argc, argv, false);
    int fd = must(openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "list", l.path);
    DIR *dir = must_have(fdopendir(fd), "list", l.path);
    struct dirent *entry;
    while (errno = 0, (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            print_entry(fd, entry->d_name, l.layer);
    must(errno ? -1 : 0, "list", l.path);
    answer_is_out();
    return 0;
}

int verb_engine_read(int argc, char **argv) {
    static char bytes[1 << 18];
    struct look l = {0};
    int place = look_at(&l, argc, argv, true);
    struct stat st;
    must(fstat(place, &st), "read", l.path);
    if (!S_ISREG(st.st_mode))
        fail((struct failure){.step = "read",
                              .thing = l.path,
                              .error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
                              .reason = S_ISDIR(st.st_mode) ? NULL : "it is no regular file"});
    char *again = must_print("/proc/self/fd/%d", place);
    int fd = must(open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), "read", l.path);
    while (l.length) {
        size_t most = l.length < sizeof bytes ? (size_t)l.length : sizeof bytes;
        ssize_t n = pread(fd, bytes, most, (off_t)l.offset);
        if (n < 0)
            must(-1, "read", l.path);
        if (n == 0)
            break;
        if (fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n)
            answer_is_out();
        l.offset += (uint64_t)n;
        l.length -= (uint64_t)n;
    }
    answer_is_out();
    return 0;
}
