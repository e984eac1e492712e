#include "onefile/output.h"

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/fail.h"
#include "base/fdpass.h"
#include "base/program.h"
#include "base/syscalls.h"
#include "tree/delete.h"
#include "userns/userns.h"

static const char step[] = "collect the output at";

static bool is_directory(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The directory in which `path` is, absolute. */
static char *parent_of(const char *path) {
    char *copy = must_copy(path), *slash = strrchr(copy, '/');
    if (slash)
        *slash = 0;
    char *parent = realpath(!slash ? "." : *copy ? copy : "/", NULL);
    return must_have(parent, step, path);
}

static void make_part(const struct output *o, const char *name, const char *place,
                      struct list *shared) {
    char *path = must_print("%s/%s", o->path, name);
    must(mkdir(path, 0777), "make", path);
    must(chmod(path, 0777), "make", path); /* for every user inside; nobody else gets here */
    shared->words = must_have(
        realloc(shared->words, ((size_t)shared->count + 1) * sizeof *shared->words), "make", path);
    shared->words[shared->count++] = must_print("%s:%s", path, place);
}

/* Whoever is killed, the temporary directory goes: when nobody holds the pipe any more, of those
 * who may still write or collect. */
static _Noreturn void guard(const struct output *o) {
    char stays;
    ssize_t n;
    do
        n = read(1, &stays, 1);
    while (n < 0 && errno == EINTR);
    if (n <= 0)
        output_forget(o);
    _exit(0);
}

static int start_guard(const struct output *o) {
    int ends[2];
    must(pipe2(ends, O_CLOEXEC), step, o->wanted);
    pid_t between = must(fork(), step, o->wanted);
    if (between == 0) {
        struct output its = *o;
        int null = must(open("/dev/null", O_RDWR | O_CLOEXEC), step, o->wanted);
        must(chdir("/"), step, o->wanted);
        must(dup2(o->directory, 0) < 0 ? -1 : dup2(ends[0], 1), step, o->wanted);
        its.directory = 0;
        setsid();
        /* Not our child, which the monitor of the app would end with all others. */
        if (must(fork(), step, o->wanted) == 0) {
            dup2(null, 2);
            descriptors_close_all_but(-1);
            guard(&its);
        }
        _exit(0);
    }
    close(ends[0]);
    int status = child_status(between);
    if (WIFEXITED(status) && WEXITSTATUS(status))
        exit(exit_status_of_failure); /* it has said why */
    return ends[1];
}

struct output output_begin(const char *wanted, const char *id, struct list *shared) {
    int usual = exit_status_of_failure;
    exit_status_of_failure = 2;
    struct output o = {.wanted = wanted, .id = id};
    bool into = is_directory(wanted);
    struct stat st;
    if (!into && lstat(wanted, &st) == 0)
        fail((struct failure){.step = step, .thing = wanted, .error = EEXIST});
    const char *last = strrchr(wanted, '/');
    if (!into && last && !last[1])
        fail((struct failure){.step = step, .thing = wanted, .error = ENOENT});
    char *parent = into ? must_have(realpath(wanted, NULL), step, wanted) : parent_of(wanted);
    uint32_t random;
    must(getrandom(&random, sizeof random, 0) < 0 ? -1 : 0, step, wanted);
    o.name = must_print(".%s.out-%08" PRIx32, id, random);
    o.path = must_print("%s/%s", strcmp(parent, "/") ? parent : "", o.name);
    o.directory = must(open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC), step, wanted);
    o.guard = start_guard(&o);
    must(mkdir(o.path, 0700), step, wanted);
    make_part(&o, "out", "/out", shared);
    make_part(&o, "tmp", "/tmp/out", shared);
    exit_status_of_failure = usual;
    return o;
}

/* For nftw: whether a file is somebody else's. */
static int is_foreign(const char *path, const struct stat *st, int type, struct FTW *where) {
    (void)path, (void)where;
    return type == FTW_NS || type == FTW_DNR || st->st_uid != geteuid();
}

static int give_to_root(const char *path, const struct stat *st, int type, struct FTW *where) {
    (void)where;
    return type != FTW_NS && st->st_uid != 0 && lchown(path, 0, 0) < 0;
}

/* What the app wrote as another user than root belongs to one of the caller's subordinate ids. */
static void become_owner(const struct output *o) {
    enum { OPEN = 16 };
    if (geteuid() != 0 && nftw(o->path, is_foreign, OPEN, FTW_PHYS) != 0 &&
        userns_try(0).map == MAP_FULL)
        nftw(o->path, give_to_root, OPEN, FTW_PHYS); /* who is root there is the caller */
}

static bool moved(const struct output *o, const char *from, const char *to) {
    if (k_renameat2(o->directory, from, o->directory, to, K_RENAME_NOREPLACE) == 0)
        return true;
    if (errno != EINVAL) /* of a file system that knows no such rename */
        return false;
    struct stat st;
    if (fstatat(o->directory, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return errno = EEXIST, false;
    return renameat(o->directory, from, o->directory, to) == 0;
}

/* 0: nothing to collect, 1: done, -1: errno. */
static int collect(const struct output *o) {
    char *out = must_print("%s/out", o->name);
    int fd = openat(o->directory, out, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    struct names found = directory_names(fd, any_name, NULL);
    if (!found.count)
        return 0;
    const char *last = strrchr(o->wanted, '/');
    const char *to = is_directory(o->wanted) ? must_print("%s.out", o->id)
                     : last                  ? last + 1
                                             : o->wanted;
    bool one = found.count == 1;
    if (!one && fchmodat(o->directory, out, 0755, 0) < 0)
        return -1;
    return moved(o, one ? must_print("%s/%s", out, found.all[0]) : out, to) ? 1 : -1;
}

bool output_collect(const struct output *o) {
    become_owner(o);
    if (collect(o) >= 0) {
        output_forget(o);
        return true;
    }
    int error = errno;
    bool stays = write(o->guard, "s", 1) == 1; /* else the guard has ended, and it stays, too */
    (void)stays;
    complain("cannot collect the output at %s: %s. It is in %s", o->wanted, strerror(error),
             o->path);
    return false;
}

void output_forget(const struct output *o) {
    char *names[] = {o->name};
    if (remove_names(o->directory, names, 1, 1).failed && userns_try(0).map == MAP_FULL)
        remove_names(o->directory, names, 1, 1);
}
