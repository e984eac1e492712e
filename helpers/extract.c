/* engine:extract — the system's tar, where it can write nothing but one directory. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "extract.h"

#include "engine.h"
#include "kernel.h"
#include "landlock.h"
#include "mounting.h"
#include "must.h"
#include "program.h"
#include "root.h"
#include "status.h"
#include "userns.h"
#include "waiter.h"

enum {
    /* More memory than any honest archive needs: a header may say that a name is long as it
     * likes, and tar believes it. */
    MOST_MEMORY = 512 << 20
};

struct extract {
    const char *path;
    int directory;    /* in the new mount namespace, once there is one */
    int said, listed; /* where tar writes its complaints and its answer */
    struct identity me;
};

/* Landlock does not cover chmod, chown, utime and setxattr; a read-only mount does. Where
 * the kernel has no mount_setattr (before 5.12), Landlock must do. The working directory is
 * the one to write to, by no path: what others can rename has no say. */
static void make_all_else_read_only(struct extract *x) {
    struct k_mount_attr read_only = {.set = K_ATTR_RDONLY};
    mounts_become_ours();
    int tree = must(k_clone_tree(AT_FDCWD, "."), "open", x->path);
    if (k_mount_setattr(AT_FDCWD, "/", K_RECURSIVE, &read_only) < 0 && errno != ENOSYS)
        must(-1, "make read-only all but", x->path);
    must(k_move_mount(tree, AT_FDCWD, ".", 0), "attach", x->path);
    x->directory = tree;
}

static void prepare(void *of) {
    struct extract *x = of;
    must(fchdir(x->directory), "enter", x->path);
    x->me = userns_try(CLONE_NEWNS);
    /* Without a namespace it is still the caller's own tar, as if called by hand. */
    if (x->me.map == MAP_NONE || unshare_forbidden())
        return;
    make_all_else_read_only(x);
    /* Landlock knows TCP, and only since Linux 6.7. A kernel may have no such namespaces. */
    if (unshare(CLONE_NEWNET) < 0 && errno != EINVAL)
        must(-1, "take the network from", "tar");
}

static void payload(void *of) {
    struct extract *x = of;
    must(fchdir(x->directory), "enter", x->path);
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up privileges for", "tar");
    int version = landlock_write_only_beneath(x->directory);

    struct json j;
    ready_open(&j, &x->me, NULL);
    json_number(&j, "pid", (uint64_t)getpid());
    json_number(&j, "landlock", (uint64_t)version);
    event_send(&j);

    const char *tar = tar_path();
    if (!*tar)
        refuse("cannot unpack: GNU tar is not installed");
    bool owners = x->me.map == MAP_ROOT || x->me.map == MAP_FULL;
    /* An answer other than "not supported" means the file system has them. */
    bool acls = getxattr(".", "system.posix_acl_default", NULL, 0) >= 0 || errno == ENODATA;
    char *argv[] = {
        must_copy("tar"),
        must_copy("--extract"),
        must_copy("--file=-"),
        must_copy("--numeric-owner"),
        must_copy("--same-permissions"),
        must_copy(owners ? "--same-owner" : "--no-same-owner"),
        must_copy("--xattrs"),
        must_copy("--xattrs-include=user.*"),
        must_copy("--xattrs-include=security.capability"),
        /* They would mean something in a layer, to the kernel and to fuse-overlayfs. */
        must_copy("--xattrs-exclude=user.overlay.*"),
        must_copy("--xattrs-exclude=user.fuseoverlayfs.*"),
        must_copy(acls ? "--acls" : "--no-acls"),
        must_copy("--quoting-style=escape"),
        must_copy("--block-number"), /* and so the end mark is told of */
        NULL,
    };
    struct rlimit memory = {MOST_MEMORY, MOST_MEMORY};
    must(setrlimit(RLIMIT_DATA, &memory), "limit the memory of", "tar");
    setenv("LC_ALL", "C", 1);
    unsetenv("TAR_OPTIONS"); /* the caller's habits could undo what is asked for here */
    argv[0] = must_copy(tar);
    must(dup2(x->listed, STDOUT_FILENO), "give a pipe to", "tar");
    must(dup2(x->said, STDERR_FILENO), "give a pipe to", "tar");
    become(argv, environ);
}

/* What is unpacked is flushed to the disk before it becomes an image. That is sooner done if
 * it begins while tar works and the disk would be idle. */
static void *flush_now_and_then(void *directory) {
    const struct timespec pause = {.tv_nsec = 200 * 1000 * 1000};
    for (;;) {
        nanosleep(&pause, NULL);
        syncfs(*(int *)directory);
    }
    return NULL;
}

static void flush_meanwhile(int *directory) {
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all); /* signals are for the waiter */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&thread, NULL, flush_now_and_then, directory) == 0)
        pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

/* What tar says, in LC_ALL=C. */
struct talk {
    int said, listed; /* the reading ends */
    uint64_t devices, lost;
    bool whole, trouble;
};

static bool ends_in(const char *line, const char *end) {
    size_t n = strlen(line), m = strlen(end);
    return n >= m && !strcmp(line + n - m, end);
}

/* What a plain user or the file system cannot have is left out and counted; all else is
 * trouble, and is passed on. */
static void hear_complaint(struct talk *t, const char *line) {
    if (ends_in(line, ": Cannot mknod: Operation not permitted"))
        t->devices++;
    else if (strstr(line, ": Cannot set POSIX ACLs") ||
             (strstr(line, ": Cannot set '") && strstr(line, " extended attribute")))
        t->lost++;
    else if (ends_in(line, "Exiting with failure status due to previous errors"))
        return; /* which are told */
    else {
        t->trouble = true;
        dprintf(STDERR_FILENO, "%s\n", line);
    }
}

/* Two blocks of zeros end an archive. tar takes one that is cut where a member begins for a
 * whole one, but when it numbers blocks it tells of the mark. */
static void hear_answer(struct talk *t, const char *line) {
    t->whole |= ends_in(line, ": ** Block of NULs **");
}

static void *hear(void *of) {
    struct talk *t = of;
    FILE *streams[] = {fdopen(t->said, "r"), fdopen(t->listed, "r")};
    void (*const each[])(struct talk *, const char *) = {hear_complaint, hear_answer};
    char *line = NULL;
    size_t room = 0;
    for (int i = 0; i < 2; i++) {
        ssize_t n;
        while (streams[i] && (n = getline(&line, &room, streams[i])) > 0) {
            line[n - 1] = line[n - 1] == '\n' ? 0 : line[n - 1];
            each[i](t, line);
        }
    }
    free(line);
    return NULL;
}

/* The one answer is short: the pipe holds it until all complaints are heard. */
static pthread_t listen_to_tar(struct talk *t, struct extract *x) {
    int said[2], listed[2];
    sigset_t all, before;
    pthread_t thread;
    must(pipe2(said, O_CLOEXEC), "make a pipe for", "tar");
    must(pipe2(listed, O_CLOEXEC), "make a pipe for", "tar");
    t->said = said[0];
    t->listed = listed[0];
    x->said = said[1];
    x->listed = listed[1];
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    errno = pthread_create(&thread, NULL, hear, t);
    must(errno ? -1 : 0, "start a thread to listen to", "tar");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

int extract(int directory, const char *path, struct extracted *done) {
    struct extract x = {.path = path, .directory = directory};
    struct talk t = {0};
    static int flushed; /* the thread may outlive this call */
    flushed = directory;
    flush_meanwhile(&flushed);
    pthread_t listener = listen_to_tar(&t, &x);
    int status = outcome_of(&(struct job){.prepare = prepare,
                                          .payload = payload,
                                          .of = &x,
                                          .lifeline = lifeline_fd,
                                          .leaves_none = true});
    close(x.said);
    close(x.listed);
    pthread_join(listener, NULL);
    *done = (struct extracted){.devices = t.devices, .lost = t.lost};
    bool only_devices = WIFEXITED(status) && WEXITSTATUS(status) == 2 && t.devices && !t.trouble;
    if (status != 0 && !only_devices)
        return end_like(status);
    if (!t.whole)
        refuse("cannot extract the tar: it is cut off, since the mark at its end is missing. Get "
               "it again. If it was made without one, add it: (cat FILE; head -c 1024 /dev/zero) "
               "| plash pull:tarfile");
    return 0;
}

int verb_engine_extract(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    /* Whoever gives a path that others can change gives /proc/self/fd/N/. instead. */
    int directory = must(open(argv[at], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                         "unpack into", argv[at]);
    struct extracted done;
    int status = extract(directory, argv[at], &done);
    if (status)
        return status;
    struct json j;
    event_open(&j, "extracted");
    json_number(&j, "devices", done.devices);
    json_number(&j, "lost", done.lost);
    event_send(&j);
    return 0;
}
