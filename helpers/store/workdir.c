#include "store/workdir.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"
#include "process/procfs.h"
#include "store/disk_full.h"
#include "store/layout.h"
#include "tree/delete.h"
#include "userns/userns.h"

static const char PREFIX[] = "plashtmp_";

static char *name_of(pid_t owner, const char *what) {
    return must_print("%s%d_%d_%s", PREFIX, getsid(0), owner, what);
}

char *workdir_name(const char *what) {
    return name_of(getpid(), what);
}

/* NULL, and errno. */
static char *try_make(const struct store *s, pid_t owner) {
    if (mkdirat(s->fd, "tmp", 0755) < 0 && errno != EEXIST)
        return NULL;
    return mkdtemp(must_print("%s/tmp/%s", s->path, name_of(owner, "XXXXXX")));
}

static _Noreturn void cannot_make(const struct store *s, int error) {
    if (error == EACCES || error == EROFS)
        layout_trouble("write to", s, error);
    fail((struct failure){
        .step = "make a directory for changes in the store", .thing = s->path, .error = error});
}

struct workdir workdir_named(const struct store *s, const char *name) {
    if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
        refuse("\"%s\" is not a name in the store's tmp directory", name);
    struct workdir w = {.name = must_copy(name), .path = must_print("%s/tmp/%s", s->path, name)};
    w.tmp = must(k_openat2(s->fd, "tmp", O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS),
                 "open in the store", "tmp");
    w.fd = must(openat(w.tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                "open in the store's tmp", name);
    return w;
}

/* A sweep in another pid namespace may have come before the lock, and taken it for left over. A
 * file system that has no locks will have none the next time, either. */
static bool is_still_there(const struct workdir *w) {
    struct stat locked, there;
    int result = flock(w->fd, LOCK_EX | LOCK_NB);
    if (result < 0 && errno != EWOULDBLOCK) {
        int error = errno;
        unlinkat(w->tmp, w->name, AT_REMOVEDIR);
        errno = error;
        must(-1, "lock", w->path);
    }
    return result == 0 && fstat(w->fd, &locked) == 0 &&
           fstatat(w->tmp, w->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
           locked.st_ino == there.st_ino;
}

bool workdir_try_new(const struct store *s, struct workdir *w) {
    fulldisk_advise(s);
    for (const char *path; (path = try_make(s, getpid()));) {
        *w = workdir_named(s, strrchr(path, '/') + 1);
        if (is_still_there(w))
            return true;
        unlinkat(w->tmp, w->name, AT_REMOVEDIR); /* if it is there, and cannot be locked */
        close(w->fd);
        close(w->tmp);
    }
    return false;
}

struct workdir workdir_new(const struct store *s) {
    struct workdir w;
    if (!workdir_try_new(s, &w))
        cannot_make(s, errno);
    return w;
}

void workdir_remove(const struct workdir *w) {
    remove_names(w->tmp, (char *[]){w->name}, 1, REMOVE_THREADS);
}

static struct workdir doomed;

static void remove_doomed(void) {
    userns_try(0); /* harmless where we are in it */
    workdir_remove(&doomed);
}

void workdir_remove_on_failure(const struct workdir *w) {
    doomed = *w;
    on_failure(remove_doomed);
}

void workdir_keep(void) {
    on_failure(NULL);
}

/* What a process is doing, and its parent, which is 0 if that is elsewhere. 'X': it is over. */
static char state_of(pid_t pid, pid_t *parent) {
    char text[1024], process[32], state = 'X';
    snprintf(process, sizeof process, "/proc/%d", pid);
    const char *stat = process_stat(AT_FDCWD, process, text, sizeof text);
    if (!stat || sscanf(stat, " %c %d", &state, parent) != 2)
        *parent = 0;
    return state;
}

static bool lives(pid_t pid) {
    pid_t parent;
    char state = state_of(pid, &parent);
    return state != 'X' && state != 'Z';
}

/* Of the processes of this session above us the topmost, mostly its leader: that lives as long as
 * the script that asks, whose subshell may not. */
char *workdir_of_session(const struct store *s) {
    pid_t session = getsid(0), owner = getppid(), parent;
    while (state_of(owner, &parent) && parent > 0 && getsid(parent) == session)
        owner = parent;
    char *path = try_make(s, owner);
    if (!path)
        cannot_make(s, errno);
    return path;
}

static bool maker_is_gone(const char *name) {
    int session, owner;
    if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
        sscanf(name + strlen(PREFIX), "%d_%d_", &session, &owner) != 2)
        return false;
    return owner <= 0 || getsid(owner) != session || !lives(owner);
}

bool workdir_lock_left(int tmp, const char *name, int *lock) {
    struct stat locked, there;
    *lock = openat(tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (*lock < 0) {
        bool other = errno == ENOTDIR || errno == EACCES;
        must(other || errno == ENOENT ? 0 : -1, "open", name);
        return other;
    }
    bool ours = flock(*lock, LOCK_EX | LOCK_NB) == 0;
    if (!ours) {
        must(errno == EWOULDBLOCK ? 0 : -1, "lock", name);
    } else {
        must(fstat(*lock, &locked), "look at", name);
        ours = fstatat(tmp, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
        must(ours || errno == ENOENT ? 0 : -1, "look at", name);
    }
    if (ours && locked.st_ino == there.st_ino)
        return true;
    close(*lock); /* it is in use, or somebody else has removed it just now */
    return false;
}

static bool by_its_name(int tmp, const char *name, const void *of) {
    (void)tmp, (void)of;
    return maker_is_gone(name);
}

static bool by_its_lock(int tmp, const char *name, const void *of) {
    int lock;
    (void)of;
    if (!maker_is_gone(name) || !workdir_lock_left(tmp, name, &lock))
        return false;
    if (lock >= 0)
        close(lock);
    return true;
}

static int open_tmp(const struct store *s) {
    return openat(s->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

bool workdirs_may_be_left(const struct store *s) {
    return directory_has(open_tmp(s), by_its_name, NULL);
}

struct names workdirs_left(const struct store *s) {
    int tmp = open_tmp(s);
    must(tmp >= 0 || errno == ENOENT ? 0 : -1, "look into the store's", "tmp");
    return directory_names(tmp, by_its_lock, NULL);
}
