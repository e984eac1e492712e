/* engine:extract — a tar is unpacked by a process that can write nothing but one directory. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "verbs/engine/extract.h"

#include "base/events.h"
#include "base/fail.h"
#include "base/landlock.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "process/monitor.h"
#include "tar/trouble.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct extract {
    const char *path;
    int directory; /* in the new mount namespace, once there is one */
    int complaints;
    bool unsynced;
    struct unpacking how;
    struct identity me;
    struct extracted *found; /* by the payload: shared with it */
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
        must(-1, "take the network from", "unpacking");
}

/* The ids are said to plashui, which knows how to get more. */
static _Noreturn void refuse_owners(const struct unpacked *done) {
    struct json j;
    event_open(&j, "beyond");
    json_text(&j, "path", done->beyond.path);
    json_number(&j, "uid", done->beyond.uid);
    json_number(&j, "gid", done->beyond.gid);
    json_number(&j, "most_uid", done->beyond.most_uid);
    json_number(&j, "most_gid", done->beyond.most_gid);
    json_number(&j, "files", done->beyond.files);
    event_send(&j);
    tar_refuse("%s belongs to user %u and group %u, which are not both among your ids",
               done->beyond.path, done->beyond.uid, done->beyond.gid);
}

void limit_memory_to_unpack(void) {
#ifndef __SANITIZE_ADDRESS__ /* which needs much more for itself */
    struct rlimit memory = {MOST_MEMORY_TO_UNPACK, MOST_MEMORY_TO_UNPACK};
    must(setrlimit(RLIMIT_DATA, &memory), "limit the memory of", "unpacking");
#endif
}

static void payload(void *of) {
    struct extract *x = of;
    x->how.root = x->directory;
    x->how.owners = x->me.map == MAP_ROOT || x->me.map == MAP_FULL;
    x->how.all_rights = x->me.map != MAP_NONE;
    x->how.done = &x->found->of;
    must(fchdir(x->directory), "enter", x->path);
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up privileges for", "unpacking");
    int version = landlock_write_only_beneath(x->directory);
    limit_memory_to_unpack();
    must(dup2(x->complaints, STDERR_FILENO), "redirect", "messages");

    struct json j;
    ready_open(&j, &x->me, NULL);
    json_number(&j, "pid", (uint64_t)getpid());
    json_number(&j, "landlock", (uint64_t)version);
    event_send(&j);

    x->found->inside = true;
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like others */
    unpack(&x->how);
    if (x->how.done->beyond.files)
        refuse_owners(x->how.done);
    _exit(0);
}

/* What is unpacked is flushed to the disk before it becomes an image. That is sooner done if
 * it begins while the disk would be idle. An error is reported once, to whoever asks first. */
static struct flushing {
    int directory;
    _Atomic int error;
} flushing; /* the thread may outlive the call of extract */

static void *flush_now_and_then(void *nothing) {
    const struct timespec pause = {.tv_nsec = 250 * 1000 * 1000};
    for (;;) {
        nanosleep(&pause, NULL);
        if (syncfs(flushing.directory) < 0)
            flushing.error = errno;
    }
    return nothing;
}

static void meanwhile(void *of) {
    struct extract *x = of;
    pthread_t thread;
    flushing.directory = x->directory;
    if (!x->unsynced && pthread_create(&thread, NULL, flush_now_and_then, NULL) == 0)
        pthread_detach(thread);
}

static int new_note(int notes, const char *name) {
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    return must(openat(notes, name, flags, 0600), "make the note", name);
}

int extract(int directory, const char *path, int complaints, bool unset, int notes, bool unsynced,
            struct extracted *done) {
    struct extract x = {
        .path = path, .directory = directory, .complaints = complaints, .unsynced = unsynced};
    x.how.input = STDIN_FILENO;
    x.how.unset_ids = unset;
    x.how.layer = notes >= 0;
    if (x.how.layer) { /* opened here: the fence keeps us out of that directory */
        x.how.implied = new_note(notes, "implied");
        x.how.recipe = STDOUT_FILENO;
    }
    x.found =
        mmap(NULL, sizeof *x.found, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(x.found == MAP_FAILED ? -1 : 0, "allocate", "memory");
    int status = outcome_of(&(struct job){.prepare = prepare,
                                          .payload = payload,
                                          .meanwhile = meanwhile,
                                          .of = &x,
                                          .lifeline = lifeline_fd,
                                          .leaves_none = true,
                                          .own_memory = true});
    errno = flushing.error;
    if (status == 0)
        must(errno ? -1 : 0, "write to the disk below", path);
    if (status == 0 && x.how.layer &&
        !unsynced) /* which may wait for those below it, through a power failure */
        must(syncfs(directory), "write to the disk below", path);
    *done = *x.found;
    munmap(x.found, sizeof *x.found);
    return status;
}

void extracted_is_whole(const struct extracted *done) {
    if (!done->of.whole)
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
    tell(done->of.devices, "device node left out", "device nodes left out");
    tell(done->of.attributes, "attribute could not be kept", "attributes could not be kept");
    tell(done->of.owners, "file keeps its owner as an attribute, since you have only one id",
         "files keep their owners as an attribute, since you have only one id");
    tell(done->of.unset, "file lost the setuid or setgid bit, since the copy belongs to you",
         "files lost the setuid or setgid bit, since the copy belongs to you");
}

int verb_engine_extract(int argc, char **argv) {
    bool unset = false, unsynced = false;
    const char *layer = NULL;
    const struct option known[] = {{"--unset-ids", .flag = &unset},
                                   {"--layer", .text = &layer},
                                   {"--unsynced", .flag = &unsynced},
                                   {0}};
    int at = words_read(argc, argv, known, 1, 1);
    /* Whoever gives a path that others can change gives /proc/self/fd/N/. instead. */
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    int directory = must(open(argv[at], flags), "unpack into", argv[at]);
    int notes = layer ? must(open(layer, flags), "write notes into", layer) : -1;
    struct extracted done;
    int status = extract(directory, argv[at], STDERR_FILENO, unset, notes, unsynced, &done);
    if (status)
        return end_like(status);
    if (!layer) /* which has a digest */
        extracted_is_whole(&done);
    struct json j;
    event_open(&j, "extracted");
    json_number(&j, "devices", done.of.devices);
    json_number(&j, "attributes", done.of.attributes);
    json_number(&j, "unset", done.of.unset);
    json_number(&j, "owners", done.of.owners);
    json_number(&j, "files", done.of.files);
    json_number(&j, "bytes", done.of.bytes);
    if (layer)
        json_bool(&j, "recipe", !done.of.replaced);
    event_send(&j);
    return 0;
}
