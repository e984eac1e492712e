/* engine:extract — the system's tar, where it can write nothing but one directory. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "verbs/extract.h"

#include "base/events.h"
#include "base/fail.h"
#include "base/landlock.h"
#include "base/options.h"
#include "base/program.h"
#include "base/syscalls.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/monitor.h"
#include "process/tar_messages.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct extract {
    const char *path;
    int directory;            /* in the new mount namespace, once there is one */
    struct talk said, listed; /* its complaints, and its answer */
    struct identity me;
    bool unset_ids;
    struct found {
        enum map map;
        uint64_t unset;
        bool trouble;
    } * found; /* by the keeper: shared with it */
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
    x->found->map = x->me.map;
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
        must_copy("--block-number"), /* and this shows whether the end mark is there */
        NULL,
    };
    setenv("LC_ALL", "C", 1);
    unsetenv("TAR_OPTIONS"); /* the caller's habits could undo what is asked for here */
    argv[0] = must_copy(tar);
    must(dup2(x->listed.pipe, STDOUT_FILENO), "give a pipe to", "tar");
    must(dup2(x->said.pipe, STDERR_FILENO), "give a pipe to", "tar");
    struct rlimit memory = {MOST_MEMORY_TO_UNPACK, MOST_MEMORY_TO_UNPACK};
    must(setrlimit(RLIMIT_DATA, &memory), "limit the memory of", "tar");
    become(argv, environ);
}

/* In the keeper, who may do so with files of all its ids. */
static void unset_ids(void *of) {
    struct extract *x = of;
    char block[4096];
    char *argv[] = {must_copy("find"),    must_copy("."),  must_copy("-xdev"), must_copy("!"),
                    must_copy("-type"),   must_copy("d"),  must_copy("-perm"), must_copy("/6000"),
                    must_copy("-printf"), must_copy("x"),  must_copy("-exec"), must_copy("chmod"),
                    must_copy("ug-s"),    must_copy("{}"), must_copy("+"),     NULL};
    if (!x->unset_ids)
        return;
    must(fchdir(x->directory), "enter", x->path);
    struct child c = child_start(usual_program(argv[0]), argv, STDOUT_FILENO);
    if (c.error)
        fail((struct failure){.step = "start", .thing = argv[0], .error = c.error});
    for (ssize_t n; (n = read(c.said, block, sizeof block)) > 0;)
        x->found->unset += (uint64_t)n;
    close(c.said);
    x->found->trouble = child_status(c.pid) != 0;
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

static void meanwhile(void *of) {
    struct extract *x = of;
    static int flushed; /* the thread may outlive the call of extract */
    pthread_t thread;
    flushed = x->directory;
    if (pthread_create(&thread, NULL, flush_now_and_then, &flushed) == 0)
        pthread_detach(thread);
    talk_listen(&x->said);
    talk_listen(&x->listed);
}

struct heard {
    struct extracted left_out;
    int others; /* where all else goes that tar says */
    bool whole, trouble;
};

static bool ends_in(const char *line, const char *end) {
    size_t n = strlen(line), m = strlen(end);
    return n >= m && !strcmp(line + n - m, end);
}

/* What a plain user or the file system cannot have is left out and counted; all else is
 * trouble, and is passed on. */
static void hear_complaint(void *of, const char *line) {
    struct heard *h = of;
    if (!strncmp(line, "plash error: ", 13)) { /* our own: tar could not be started */
        dprintf(STDERR_FILENO, "%s\n", line);
    } else if (ends_in(line, ": Cannot mknod: Operation not permitted")) {
        h->left_out.devices++;
    } else if (strstr(line, ": Cannot set POSIX ACLs") ||
               (strstr(line, ": Cannot set '") && strstr(line, " extended attribute"))) {
        h->left_out.attributes++;
    } else {
        h->trouble = true;
        dprintf(h->others, "%s\n", line);
    }
}

/* Two blocks of zeros end an archive. tar takes one that is cut where a member begins for a
 * whole one, but when it numbers blocks it tells of the mark. */
static void hear_answer(void *of, const char *line) {
    struct heard *h = of;
    h->whole |= ends_in(line, ": ** Block of NULs **");
}

int extract(int directory, const char *path, int complaints, bool unset, struct extracted *done) {
    struct extract x = {.path = path, .directory = directory, .unset_ids = unset};
    struct heard h = {.others = complaints};
    x.found =
        mmap(NULL, sizeof *x.found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(x.found == MAP_FAILED ? -1 : 0, "allocate", "memory");
    talk_begin(&x.said, hear_complaint, &h);
    talk_begin(&x.listed, hear_answer, &h);
    int status = outcome_of(&(struct job){.prepare = prepare,
                                          .payload = payload,
                                          .meanwhile = meanwhile,
                                          .tidy = unset_ids,
                                          .of = &x,
                                          .lifeline = lifeline_fd,
                                          .leaves_none = true});
    talk_end(&x.said);
    talk_end(&x.listed);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 2 && h.left_out.devices && !h.trouble)
        status = 0;
    if (status == 0 && x.found->trouble)
        refuse("cannot remove the setuid and setgid bits of all files in %s", path);
    *done = h.left_out;
    done->unset = x.found->unset;
    done->map = x.found->map;
    done->cut_off = !h.whole;
    munmap(x.found, sizeof *x.found);
    return status;
}

void extracted_is_whole(const struct extracted *done) {
    if (done->cut_off)
        refuse("cannot extract the tar: it is cut off: its end mark is missing. Get it again. If "
               "it was made without an end mark, add one: (cat FILE; head -c "
               "1024 /dev/zero) "
               "| plash pull:tarfile");
}

static void tell(uint64_t count, const char *one, const char *many) {
    if (count)
        dprintf(STDERR_FILENO, "%llu %s\n", (unsigned long long)count, count == 1 ? one : many);
}

void extracted_say_left_out(const struct extracted *done) {
    tell(done->devices, "device node left out", "device nodes left out");
    tell(done->attributes, "attribute could not be kept", "attributes could not be kept");
    tell(done->unset, "file lost the setuid or setgid bit, since the copy belongs to you",
         "files lost the setuid or setgid bit, since the copy belongs to you");
}

int verb_engine_extract(int argc, char **argv) {
    bool unset = false;
    const struct option known[] = {{"--unset-ids", .flag = &unset}, {0}};
    int at = words_read(argc, argv, known, 1, 1);
    /* Whoever gives a path that others can change gives /proc/self/fd/N/. instead. */
    int directory = must(open(argv[at], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                         "unpack into", argv[at]);
    struct extracted done;
    int status = extract(directory, argv[at], STDERR_FILENO, unset, &done);
    if (status)
        return end_like(status);
    extracted_is_whole(&done);
    struct json j;
    event_open(&j, "extracted");
    json_number(&j, "devices", done.devices);
    json_number(&j, "attributes", done.attributes);
    json_number(&j, "unset", done.unset);
    event_send(&j);
    return 0;
}
