/* engine:extract — the system's tar, where it can write nothing but one directory. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

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

struct extract {
    const char *path;
    int directory; /* in the new mount namespace */
    struct identity me;
};

/* Landlock does not cover chmod, chown, utime and setxattr; a read-only mount does. Where
 * the kernel has no mount_setattr (before 5.12), Landlock must do. */
static void make_all_else_read_only(struct extract *x) {
    struct k_mount_attr read_only = {.set = K_ATTR_RDONLY};
    mounts_become_ours();
    int tree = must(k_clone_tree(AT_FDCWD, x->path), "open", x->path);
    if (k_mount_setattr(AT_FDCWD, "/", K_RECURSIVE, &read_only) < 0 && errno != ENOSYS)
        must(-1, "make read-only all but", x->path);
    must(k_move_mount(tree, AT_FDCWD, x->path, 0), "attach", x->path);
    x->directory = tree;
}

static void prepare(void *of) {
    struct extract *x = of;
    x->me = userns_try(CLONE_NEWNS);
    /* Without a namespace it is still the caller's own tar, as if called by hand. */
    if (x->me.map == MAP_NONE || unshare_forbidden()) {
        x->directory = must(open(x->path, O_PATH | O_DIRECTORY | O_CLOEXEC), "open", x->path);
        return;
    }
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
        must_copy("--xattrs-exclude=user.overlay.*"), /* they would mean something in a layer */
        must_copy(acls ? "--acls" : "--no-acls"),
        must_copy("--quoting-style=escape"),
        NULL,
    };
    setenv("LC_ALL", "C", 1);
    unsetenv("TAR_OPTIONS"); /* the caller's habits could undo what is asked for here */
    argv[0] = must_copy(tar);
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

int verb_engine_extract(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 1);
    struct extract x = {.path = must_have(realpath(argv[at], NULL), "unpack into", argv[at])};
    static int flushed; /* the thread may outlive this call */
    flushed = must(open(x.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "unpack into", x.path);
    flush_meanwhile(&flushed);
    return wait_for(&(struct job){.prepare = prepare,
                                  .payload = payload,
                                  .of = &x,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = true});
}
