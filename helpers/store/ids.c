#include "store/ids.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

/* The highest number that names something in a directory of the store, if that is above
 * `floor`. Links that lead nowhere do not count. */
static off_t highest(const struct store *s, const char *name, off_t floor) {
    int fd = openat(s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        must(fd >= 0 || errno != ENOENT ? -1 : 0, "open in the store", name);
        return floor;
    }
    for (struct dirent *e; (e = readdir(dir));) {
        long long number = is_id(e->d_name) ? atoll(e->d_name) : 0;
        if (number > floor && faccessat(fd, e->d_name, F_OK, 0) == 0)
            floor = (off_t)number;
    }
    closedir(dir);
    return floor;
}

/* The last id that images or the trash know of, or `floor` if that is higher. */
static off_t last_known(const struct store *s, off_t floor) {
    return highest(s, "trash", highest(s, "index", floor));
}

static _Noreturn void no_counter(const struct store *s) {
    fail((struct failure){.step = "count ids in",
                          .thing = must_print("%s/" COUNTER, s->path),
                          .reason = "it is not a regular file",
                          .remedy = "Move it away: a new one counts on from the highest image"});
}

/* It appears whole, since others may take ids at once. */
void ids_make_counter(const struct store *s) {
    struct stat st;
    if (fstatat(s->fd, COUNTER, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        if (!S_ISREG(st.st_mode))
            no_counter(s);
        return;
    }
    static const char step[] = "make in the store";
    must(errno == ENOENT ? 0 : -1, "look at", COUNTER);
    char *beside = must_print(COUNTER ".%d.new", getpid());
    unlinkat(s->fd, beside, 0); /* of a dead process of our number */
    int fd = must(openat(s->fd, beside, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644),
                  step, COUNTER);
    int result = ftruncate(fd, last_known(s, 0));
    if (result == 0 && linkat(s->fd, beside, s->fd, COUNTER, 0) < 0 && errno != EEXIST)
        result = -1;
    int error = errno;
    close(fd);
    unlinkat(s->fd, beside, 0);
    errno = error;
    must(result, step, COUNTER);
}

/* To append a byte is to take an id, and the kernel makes that atomic. A counter that lags behind
 * what there is, by damage or since a part of the store was copied, is brought up first: no id is
 * given out twice. */
static unsigned long long take_number(const struct store *s) {
    static const char step[] = "take a new id from";
    static const int flags = O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int fd = openat(s->fd, COUNTER, flags | O_APPEND);
    if (fd < 0 && errno == ENOENT) {
        ids_make_counter(s);
        fd = openat(s->fd, COUNTER, flags | O_APPEND);
    }
    struct stat st = {0};
    if ((fd < 0 && (errno == ELOOP || errno == EISDIR || errno == ENXIO)) ||
        (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)))
        no_counter(s);
    must(fd, step, COUNTER);
    off_t last = last_known(s, st.st_size);
    if (last > st.st_size) {
        int whole = must(openat(s->fd, COUNTER, flags), step, COUNTER);
        must(pwrite(whole, "\n", 1, last - 1) == 1 ? 0 : -1, step, COUNTER);
        close(whole);
    }
    off_t id = write(fd, "\n", 1) == 1 ? lseek(fd, 0, SEEK_CUR) : -1;
    must(id < 1 ? -1 : 0, step, COUNTER);
    close(fd);
    return (unsigned long long)id;
}

char *ids_take(const struct store *s, const struct image *parent, unsigned long long *id) {
    for (;;) {
        *id = take_number(s);
        char *link = must_print("index/%llu", *id);
        char *target = must_print("../%s/%llu", parent->place, *id);
        if (symlinkat(target, s->fd, link) == 0)
            return link;
        if (errno != EEXIST) /* else a link that leads nowhere has the number */
            must(-1, "make the index link", link);
    }
}
