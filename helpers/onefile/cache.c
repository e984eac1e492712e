#include "onefile/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/fail.h"
#include "onefile/contents.h"
#include "tree/delete.h"

static const char own_mark[] = "-chroot-";
enum { UNUSED_DAYS = 30 };

/* $XDG_CACHE_HOME/plashui/apps, or ~/.cache/plashui/apps; NULL: there is no place for it. */
static char *place(void) {
    const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (cache && *cache == '/')
        return must_print("%s/plashui/apps", cache);
    return home && *home == '/' ? must_print("%s/.cache/plashui/apps", home) : NULL;
}

/* Return 0, or the errno of the first that could not be made. */
static int make_directories(const char *path) {
    char *copy = must_copy(path);
    int error = 0;
    for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
        if (slash)
            *slash = 0;
        if (mkdir(copy, 0700) < 0 && errno != EEXIST && !error)
            error = errno;
        if (!slash)
            break;
        *slash = '/';
    }
    free(copy);
    return error;
}

/* A directory that somebody else can change could hold anything. */
static bool is_ours_alone(int fd) {
    struct stat st;
    return fstat(fd, &st) == 0 && st.st_uid == geteuid() && !(st.st_mode & 022);
}

/* Open the directory of all copies; make it if `makes`. -1 and errno: it cannot be used. */
static int open_all(struct contents *c, bool makes) {
    char *path = *c->payload.digest ? place() : NULL;
    errno = ENOENT;
    if (!path)
        return -1;
    int unmade = makes ? make_directories(path) : 0;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(path);
    if (fd < 0 && unmade)
        errno = unmade;
    if (fd >= 0 && !is_ours_alone(fd)) {
        close(fd);
        errno = EPERM;
        return -1;
    }
    return fd;
}

static char *name_for(struct contents *c, enum map map, const char *end) {
    return must_print("%s-%s%s", c->payload.digest, map_name(map), end);
}

/* Open what the copy for a map that the caller may have has at this path; -1: there is none. */
static int open_any(struct contents *c, const char *path, int flags) {
    int all = open_all(c, false), found = -1;
    for (enum map map = geteuid() == 0 ? MAP_ROOT : MAP_FULL;
         all >= 0 && found < 0 && map <= MAP_SINGLE; map++)
        found = openat(all, name_for(c, map, path), flags | O_NOFOLLOW | O_CLOEXEC);
    if (all >= 0)
        close(all);
    return found;
}

bool cache_has(struct contents *c) {
    int rootfs = open_any(c, "/rootfs", O_PATH | O_DIRECTORY);
    if (rootfs >= 0)
        close(rootfs);
    return rootfs >= 0;
}

char *cache_conf(struct contents *c, size_t *length) {
    int fd = open_any(c, "/app.conf", O_RDONLY | O_NONBLOCK);
    struct stat st;
    char *text = NULL;
    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= MOST_CONF) {
        text = must_allocate((size_t)st.st_size + 1, 1);
        *length = (size_t)st.st_size;
        if (read(fd, text, *length) != st.st_size)
            text = NULL;
    }
    if (fd >= 0)
        close(fd);
    return text;
}

/* Who removes a copy renames it under an exclusive lock. */
static bool lock_copy(int all, int copy, const char *name) {
    struct stat ours, there;
    return flock(copy, LOCK_SH | LOCK_NB) == 0 && fstat(copy, &ours) == 0 &&
           fstatat(all, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == there.st_ino &&
           ours.st_dev == there.st_dev;
}

int cache_open(struct contents *c, enum map map) {
    int all = open_all(c, false), rootfs = -1;
    if (all < 0)
        return -1;
    char *name = name_for(c, map, "");
    int copy = openat(all, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (copy >= 0 && is_ours_alone(copy) && lock_copy(all, copy, name)) {
        rootfs = openat(copy, "rootfs", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        futimens(copy, NULL); /* its last use */
    }
    if (copy >= 0 && rootfs < 0)
        close(copy); /* else it is the lock */
    close(all);
    free(name);
    return rootfs;
}

bool cache_note_start(struct contents *c) {
    int all = open_all(c, true);
    char *name = must_print("%s.started", c->payload.digest);
    int fd = all < 0 ? -1 : openat(all, name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    bool before = all >= 0 && fd < 0 && errno == EEXIST;
    if (fd >= 0)
        close(fd);
    if (all >= 0)
        close(all);
    free(name);
    return before;
}

/* ---- making a copy */

static void remove_from(int all, char *name) {
    remove_names(all, &name, 1, REMOVE_THREADS);
}

/* A copy, or a half one, that nobody used for long, and uses now. */
static bool is_unused(int all, const char *name, const void *of) {
    const time_t *oldest = of;
    struct stat st;
    return fstatat(all, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && st.st_mtime < *oldest;
}

static void remove_unused(int all) {
    time_t oldest = time(NULL) - UNUSED_DAYS * 24 * 3600;
    struct names old = directory_names(dup(all), is_unused, &oldest);
    for (size_t i = 0; i < old.count; i++) {
        int copy = openat(all, old.all[i], O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
        char *gone = must_print("%s.new", old.all[i]);
        struct stat st;
        if (copy >= 0 && flock(copy, LOCK_EX | LOCK_NB) == 0 && fstat(copy, &st) == 0) {
            if (!S_ISDIR(st.st_mode))
                unlinkat(all, old.all[i], 0);
            else if (renameat(all, old.all[i], all, gone) == 0)
                remove_from(all, gone);
        }
        if (copy >= 0)
            close(copy);
    }
}

/* So that later starts need not look into the squashfs. */
static bool write_conf(struct contents *c, int dir) {
    size_t length;
    const char *text = contents_conf(c, &length);
    int fd = openat(dir, "app.conf", O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    bool written = fd >= 0 && write(fd, text, length) == (ssize_t)length;
    if (fd >= 0)
        close(fd);
    return written;
}

/* Of runs that were killed. */
static bool is_own(int all, const char *name, const void *of) {
    (void)all, (void)of;
    return strstr(name, own_mark);
}

static void remove_own_of_killed(int all) {
    struct names found =
        directory_names(openat(all, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), is_own, NULL);
    for (size_t i = 0; i < found.count; i++) {
        int lock = openat(all, found.all[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
            remove_from(all, found.all[i]);
        if (lock >= 0)
            close(lock);
    }
}

struct own_copy cache_make_own(struct contents *c) {
    static const char step[] = "make a directory for the app in", thing[] = "the cache directory";
    const int directory = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    struct own_copy o = {.all = open_all(c, true)};
    if (o.all < 0)
        fail((struct failure){.step = step,
                              .thing = thing,
                              .error = errno,
                              .remedy = "Set XDG_CACHE_HOME to a directory that you can write to"});
    remove_own_of_killed(o.all);
    o.name = must_print("%.64s%s%d", c->payload.digest, own_mark, getpid());
    must(mkdirat(o.all, o.name, 0700), step, thing);
    o.lock = openat(o.all, o.name, directory);
    bool made = o.lock >= 0 && flock(o.lock, LOCK_SH) == 0 && mkdirat(o.lock, "rootfs", 0755) == 0;
    o.rootfs = made ? openat(o.lock, "rootfs", directory) : -1;
    if (o.rootfs < 0) {
        int error = errno;
        remove_from(o.all, o.name);
        errno = error;
        must(-1, step, thing);
    }
    return o;
}

void cache_remove_own(const struct own_copy *o) {
    remove_from(o->all, o->name);
}

/* In the directory of all copies, of which this one is locked. NULL, or what went wrong. */
static const char *make_copy(struct contents *c, int all, enum map map) {
    char *name = name_for(c, map, ""), *half = name_for(c, map, ".new");
    remove_from(all, half); /* of somebody who was killed */
    if (mkdirat(all, half, 0700) < 0)
        return strerror(errno);
    int dir = openat(all, half, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    int rootfs = dir < 0 || !write_conf(c, dir) || mkdirat(dir, "rootfs", 0755) < 0
                     ? -1
                     : openat(dir, "rootfs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    const char *why = rootfs < 0 ? strerror(errno) : contents_unpack(c, rootfs, map, true);
    if (!why && (syncfs(dir) < 0 || renameat(all, half, all, name) < 0))
        why = strerror(errno);
    if (rootfs >= 0)
        close(rootfs);
    if (dir >= 0)
        close(dir);
    if (why)
        remove_from(all, half);
    return why;
}

const char *cache_fill(struct contents *c, enum map map, bool waits) {
    const char *why = NULL;
    if (!*c->payload.digest)
        return "this file has no digest";
    int all = open_all(c, true);
    if (all < 0)
        return errno == EPERM ? "the directory belongs to somebody else" : strerror(errno);
    int lock =
        openat(all, name_for(c, map, ".lock"), O_CREAT | O_RDWR | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (lock < 0)
        why = strerror(errno);
    else if (flock(lock, LOCK_EX | (waits ? 0 : LOCK_NB)) < 0)
        why = "another process makes it";
    else if (faccessat(all, name_for(c, map, ""), F_OK, AT_SYMLINK_NOFOLLOW) < 0) {
        remove_unused(all);
        why = make_copy(c, all, map);
    }
    if (lock >= 0)
        close(lock);
    close(all);
    return why;
}

void cache_remove_half(struct contents *c, enum map map) {
    int all = open_all(c, false);
    int lock =
        all < 0 ? -1 : openat(all, name_for(c, map, ".lock"), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (lock >= 0 && flock(lock, LOCK_EX | LOCK_NB) == 0)
        remove_from(all, name_for(c, map, ".new"));
}
