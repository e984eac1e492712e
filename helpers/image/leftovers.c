#include "image/leftovers.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/program.h"
#include "image/commit.h"
#include "image/holders.h"
#include "store/moving.h"
#include "store/names.h"
#include "store/workdir.h"
#include "userns/userns.h"

enum { AT_ONCE = 32 }; /* work directories that are locked while they are removed */

static int open_directory(const struct store *s, const char *path) {
    return openat(s->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int must_open(const struct store *s, const char *path) {
    int fd = open_directory(s, path);
    must(fd >= 0 || errno == ENOENT ? 0 : -1, "look into the store's", path);
    return fd;
}

static void leave_out(void *of, const struct holder *h) {
    struct names *left = of;
    for (size_t i = left->count; i-- > 0;)
        if (!strcmp(left->all[i], h->work))
            left->all[i] = left->all[--left->count];
}

/* A mount that writes changes to a directory needs `work` in it. */
static bool may_be_mounted(const struct store *s, const struct names *left) {
    struct stat st;
    bool found = false;
    for (size_t i = 0; i < left->count && !found; i++) {
        char *work = must_print("tmp/%s/work", left->all[i]);
        found = fstatat(s->fd, work, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
        free(work);
    }
    return found;
}

/* The pid in a name means nothing if the maker is in another pid namespace, such as that of a
 * container that uses the store: hence locks and mounts count, too. */
struct names leftovers_find(const struct store *s) {
    struct names left = workdirs_left(s);
    if (may_be_mounted(s, &left))
        writers_find(s, leave_out, &left);
    return left;
}

static bool leads_nowhere(int dir, const char *name, const void *of) {
    (void)of;
    char target[4096];
    struct stat st;
    ssize_t n = readlinkat(dir, name, target, sizeof target - 1);
    target[n > 0 ? n : 0] = 0;
    const char *last = strrchr(target, '/');
    return last && is_id(last + 1) && !name_is_note(name) && fstatat(dir, name, &st, 0) < 0 &&
           (errno == ENOENT || errno == ENOTDIR);
}

/* A work directory that is complete has `_data` in it: then the link is made, and then it is moved
 * to where the link leads. */
static bool becomes_image(int tmp, const char *name, const void *of) {
    const struct names *left = of;
    struct stat st;
    char *data = must_print("%s/_data", name);
    bool complete = fstatat(tmp, data, &st, AT_SYMLINK_NOFOLLOW) == 0;
    free(data);
    for (size_t i = 0; complete && i < left->count; i++)
        complete = strcmp(left->all[i], name) != 0;
    return complete;
}

static bool unlinked(int dir, const char *name) {
    bool done = unlinkat(dir, name, 0) == 0;
    must(done || errno == ENOENT ? 0 : -1, "remove the link", name);
    return done;
}

/* The links are collected before it is asked whether an image is being made: one that is made
 * after that has made no link yet. */
static uint64_t unlink_dead(const struct store *s, const struct names *left) {
    static const char *const places[] = {"index", "map"};
    enum { PLACES = sizeof places / sizeof *places };
    struct names links[PLACES];
    size_t all = 0;
    uint64_t removed = 0;
    for (int i = 0; i < PLACES; i++) {
        links[i] = directory_names(must_open(s, places[i]), leads_nowhere, NULL);
        all += links[i].count;
    }
    if (!all)
        return 0;
    int moving = moving_begin(s); /* a restore makes links before the image is there */
    bool made = directory_has(open_directory(s, "tmp"), becomes_image, left);
    for (int i = 0; i < PLACES && !made; i++) {
        int dir = must_open(s, places[i]);
        for (size_t k = 0; k < links[i].count; k++)
            removed += leads_nowhere(dir, links[i].all[k], NULL) && unlinked(dir, links[i].all[k]);
        close(dir);
    }
    close(moving);
    return removed;
}

/* NAME.PID.new, and the process is gone. */
static bool is_dead_draft(int dir, const char *name, const void *of) {
    (void)dir, (void)of;
    const char *end = strrchr(name, '.'), *pid = end;
    while (pid && pid > name && isdigit((unsigned char)pid[-1]))
        pid--;
    if (!pid || pid == end || strcmp(end, ".new") != 0 || (pid > name && pid[-1] != '.'))
        return false;
    char *process = must_print("/proc/%.*s", (int)(end - pid), pid);
    bool gone = access(process, F_OK) < 0 && errno == ENOENT;
    free(process);
    return gone;
}

static void unlink_drafts(const struct store *s, const char *path) {
    struct names drafts = directory_names(open_directory(s, path), is_dead_draft, NULL);
    int dir = drafts.count ? open_directory(s, path) : -1;
    for (size_t i = 0; i < drafts.count; i++)
        unlinkat(dir, drafts.all[i], 0);
    if (dir >= 0)
        close(dir);
}

uint64_t leftovers_unlink(const struct store *s, const struct names *left) {
    unlink_drafts(s, "memory");
    unlink_drafts(s, "layer/0/_meta/written");
    return unlink_dead(s, left);
}

/* Most files are our own. Those of subordinate ids take a user namespace, which takes longer to
 * make than to remove a few files. */
static struct removed remove_all(int tmp, char **names, size_t count) {
    struct removed r = remove_names(tmp, names, count, REMOVE_THREADS);
    if (!r.failed || geteuid() == 0)
        return r;
    userns_try(0);
    uint64_t bytes = r.bytes;
    r = remove_names(tmp, names, count, REMOVE_THREADS);
    r.bytes += bytes;
    return r;
}

static void remove_some(int tmp, char **names, size_t count, struct swept *done) {
    char *held[AT_ONCE];
    int locks[AT_ONCE];
    size_t n = 0;
    struct stat st;
    for (size_t i = 0; i < count; i++)
        if (workdir_lock_left(tmp, names[i], &locks[n]))
            held[n++] = names[i];
    struct removed r = remove_all(tmp, held, n);
    for (size_t i = 0; i < n; i++) {
        done->directories += fstatat(tmp, held[i], &st, AT_SYMLINK_NOFOLLOW) < 0;
        if (locks[i] >= 0)
            close(locks[i]);
    }
    uint64_t bytes = done->removed.bytes + r.bytes;
    if (!done->removed.failed)
        done->removed = r;
    done->removed.bytes = bytes;
}

struct swept leftovers_remove(const struct store *s, const struct names *left) {
    struct swept done = {0};
    int tmp = left->count ? must_open(s, "tmp") : -1;
    for (size_t i = 0; i < left->count; i += AT_ONCE)
        remove_some(tmp, left->all + i, left->count - i < AT_ONCE ? left->count - i : AT_ONCE,
                    &done);
    if (tmp >= 0)
        close(tmp);
    return done;
}

struct swept leftovers_sweep(const struct store *s) {
    commit_finish(s);
    struct names left = leftovers_find(s);
    uint64_t links = leftovers_unlink(s, &left);
    struct swept done = leftovers_remove(s, &left);
    done.links = links;
    return done;
}

void sweep(const struct store *s) {
    if (!workdirs_may_be_left(s))
        return;
    pid_t pid = fork();
    if (pid == 0) {
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        dup2(nowhere, STDIN_FILENO);
        dup2(nowhere, STDOUT_FILENO);
        dup2(nowhere, STDERR_FILENO); /* only `clean` itself says what went wrong */
        status_fd = -1;
        struct store here = store_at(s->path); /* its owner, as a user namespace has it */
        leftovers_sweep(&here);
        _exit(0);
    }
    if (pid > 0)
        child_status(pid);
}
