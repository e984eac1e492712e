#include "store/session_memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/small_file.h"
#include "base/syscalls.h"
#include "process/procfs.h"

static const char LAST[] = "last-", MADE[] = "made-";

/* The time at which an image's layer was made, in ns; 0: it has been removed. The old program's
 * `purge` starts the ids again and does not delete these notes: then another image has the same id.
 */
static long long birth_of(const struct store *s, const struct image *image) {
    struct stat st;
    char *path = must_print("%s/_data", image->place);
    if (fstatat(s->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return 0;
    return (long long)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
}

static int directory(const struct store *s) {
    if (s->fd < 0)
        return -1;
    return k_openat2(s->fd, "memory", O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS);
}

/* The number behind `"KEY":` in a JSON object without anything nested. */
static bool number_in(const char *json, const char *key, long long *number) {
    const char *at = strstr(json, key);
    return at && sscanf(at + strlen(key), " : %lld", number) == 1;
}

bool memory_read(const struct store *s, const char *note, struct image *image) {
    char text[256], id[ID_SIZE];
    long long number, born;
    int dir = directory(s);
    int fd = dir < 0 ? -1 : openat(dir, note, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    close(fd);
    close(dir);
    if (n <= 0)
        return false;
    text[n] = 0;
    if (!number_in(text, "\"image\"", &number) || !number_in(text, "\"born\"", &born) ||
        number <= 0 || number > 9999999999)
        return false;
    snprintf(id, sizeof id, "%lld", number);
    return image_find(s, id, image) && birth_of(s, image) == born;
}

void memory_write(const struct store *s, const char *note, const char *id) {
    struct image image;
    if (store_is_anothers(s) || !image_find(s, id, &image))
        return;
    int dir = directory(s);
    if (dir < 0 && errno == ENOENT && mkdirat(s->fd, "memory", 0700) == 0)
        dir = directory(s);
    char *draft = must_print("%s.%d.new", note, getpid());
    unlinkat(dir, draft, 0); /* of a dead process of our number */
    int fd = openat(dir, draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        bool whole = dprintf(fd, "{\"image\": %s, \"born\": %lld}", id, birth_of(s, &image)) > 0;
        if (close(fd) < 0 || !whole || renameat(dir, draft, dir, note) < 0)
            unlinkat(dir, draft, 0);
    }
    close(dir);
}

static const char *boot(void) {
    static char id[64];
    small_file_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", id, sizeof id);
    id[strcspn(id, "\n")] = 0;
    return *id ? id : "0";
}

/* What no other session is called: neither a later one nor one after a reboot. */
static char *note_of(pid_t leader) {
    char text[1024], process[32];
    char started[32] = "0"; /* as if the leader had ended before its session */
    snprintf(process, sizeof process, "/proc/%d", leader);
    const char *stat = process_stat(AT_FDCWD, process, text, sizeof text);
    if (stat)
        sscanf(stat,
               "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s "
               "%*s %31s",
               started);
    return must_print("%s%d-%s-%s", LAST, leader, started, boot());
}

const char *memory_of_session(void) {
    static char *note;
    if (!note)
        note = note_of(getsid(0));
    return note;
}

char *memory_of_key(const char *key) {
    return must_print("%s%s", MADE, key);
}

struct image memory_last(const struct store *s) {
    struct image image;
    if (!memory_read(s, memory_of_session(), &image))
        refuse("this session remembers no image. `plash recall VERB ...` remembers one");
    return image;
}

/* Which sessions there are in another pid namespace, as of a container that has the store, nobody
 * knows here: theirs are forgotten when they have recalled nothing for long, or with a reboot. */
static bool is_dead(int dir, const char *note) {
    enum { WEEK = 7 * 24 * 60 * 60 };
    struct stat st;
    if (!strstr(note, boot()))
        return true;
    return strcmp(note, note_of(atoi(note + strlen(LAST)))) != 0 &&
           fstatat(dir, note, &st, AT_SYMLINK_NOFOLLOW) == 0 && time(NULL) - st.st_mtime > WEEK;
}

static void forget_dead_sessions(const struct store *s) {
    int fd = directory(s);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    for (struct dirent *e; dir && (e = readdir(dir));)
        if (!strncmp(e->d_name, LAST, strlen(LAST)) && is_dead(fd, e->d_name))
            unlinkat(fd, e->d_name, 0);
    if (dir)
        closedir(dir);
}

void memory_set_last(const struct store *s, const char *id) {
    struct image before;
    bool first = !memory_read(s, memory_of_session(), &before);
    memory_write(s, memory_of_session(), id);
    if (first) /* of a session: that is seldom enough */
        forget_dead_sessions(s);
}
