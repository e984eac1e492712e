/* The kernel attaches nothing to the host's mounts for a plain user, but fusermount3, which is
 * setuid root, attaches a FUSE file system, and fuse-overlayfs can be one.
 *
 * fusermount3 is called here and not by fuse-overlayfs, for two reasons. The mount then
 * carries our name in the mount table. And fuse-overlayfs can run in the user namespace of
 * the image, where fusermount3 would not be root: only there may it read what belongs to
 * other ids, and delete what lower layers have. */
#include "image/fuse_overlay.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fdpass.h"
#include "base/program.h"
#include "image/fuse_marks.h"
#include "process/inherited.h"
#include "process/procfs.h"
#include "userns/userns.h"

static _Noreturn void cannot(const struct mounting *m, const char *reason, const char *first) {
    fail((struct failure){
        .step = "mount image",
        .thing = m->image.id,
        .reason = reason,
        .remedy = must_print("%s`plash mounted %s CMD` and plashui, the app, work without it",
                             first, m->image.id),
        .hint = "fuse"});
}

void fuse_check(const struct mounting *m) {
    static const char *const needed[] = {"fuse-overlayfs", "fusermount3"};
    for (int i = 0; i < 2; i++)
        if (!program_in_path(needed[i]))
            cannot(m, must_print("a plain user needs %s, which is not installed", needed[i]),
                   "As root, install the packages fuse-overlayfs and fuse3. ");
    if (access("/dev/fuse", R_OK | W_OK) < 0)
        cannot(m,
               must_print("a plain user needs fuse-overlayfs, which cannot open /dev/fuse: %s",
                          strerror(errno)),
               "As root: modprobe fuse && chmod 666 /dev/fuse. ");
}

/* `name` as a child, which goes through `before` first. What it said last is in `said`. True
 * if it ended with status 0. What it leaves in the background is not waited for, since that
 * lets go of stderr. */
static bool run_program(const char *name, char **argv, void (*before)(const void *of),
                        const void *of, char *said, size_t room) {
    int pipes[2];
    const char *file = program_in_path(name);
    if (!file)
        refuse("%s is not installed", name);
    must(pipe2(pipes, O_CLOEXEC), "make a pipe for", name);
    pid_t pid = must(fork(), "start", name);
    if (pid == 0) {
        callers_descriptors_close(); /* it outlives us */
        dup2(pipes[1], STDERR_FILENO);
        if (before)
            before(of);
        behave_like_a_program();
        execv(file, argv);
        must(-1, "run", file);
    }
    close(pipes[1]);
    size_t length = 0;
    ssize_t n;
    while ((n = read(pipes[0], said + length, room - 1 - length)) > 0) {
        length += (size_t)n;
        if (length > room / 2) { /* the end is what counts */
            memmove(said, said + length - room / 2, room / 2);
            length = room / 2;
        }
    }
    close(pipes[0]);
    int status = child_status(pid);
    while (length && said[length - 1] == '\n')
        length--;
    said[length] = 0;
    char *last = strrchr(said, '\n');
    if (last)
        memmove(said, last + 1, strlen(last));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void keep_open(int fd) {
    must(fcntl(fd, F_SETFD, 0), "keep open", "a descriptor");
}

static void name_socket(const void *socket) {
    char number[16];
    int fd = *(const int *)socket;
    keep_open(fd);
    snprintf(number, sizeof number, "%d", fd);
    setenv("_FUSE_COMMFD", number, 1);
}

/* Its options know backslash escapes; what is in ours needs none. */
static int attach(const struct mounting *m, const struct store *s, const char *place, bool writes) {
    int pair[2], fd;
    char said[1000];
    char *options = must_print("%s,nosuid,nodev,subtype=fuse-overlayfs,fsname=%s",
                               writes ? "rw" : "ro", mount_source(m, s));
    char *argv[] = {"fusermount3", "-o", options, "--", must_copy(place), NULL};
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "make a socket pair", NULL);
    if (!run_program(argv[0], argv, name_socket, &pair[1], said, sizeof said))
        fail((struct failure){.step = "mount at", .thing = place, .reason = said});
    close(pair[1]);
    if (!descriptor_receive(pair[0], &fd))
        refuse("fusermount3 gave no descriptor for %s", place);
    close(pair[0]);
    return fd;
}

struct server {
    const char *store;
    const char *lowers;
    int fuse, image, changes; /* descriptors it keeps; changes -1: read-only */
    char **argv;              /* its options are missing */
};

/* In the child. Without a namespace it reads what its user may read. */
static void become_root(const void *of) {
    const struct server *s = of;
    char *options = must_copy(s->lowers), *changes = "";
    if (s->changes >= 0) {
        keep_open(s->changes);
        changes = must_print(",upperdir=/proc/self/fd/%d/data,workdir=/proc/self/fd/%d/work",
                             s->changes, s->changes);
    }
    keep_open(s->fuse);
    keep_open(s->image);
    /* Owners are shown as they are outside, and what is made belongs to whom it should. With
     * noacl the kernel asks fuse-overlayfs what is allowed, and to that, as root of the
     * namespace, everything is. Nobody else gets into the mount at all. */
    if (userns_try(0).map != MAP_NONE)
        options = must_print("%s,noacl,uidmapping=%s,gidmapping=%s", options,
                             ids_mapped("/proc/self/uid_map"), ids_mapped("/proc/self/gid_map"));
    s->argv[2] = must_print("%s%s", options, changes);
    must(chdir(s->store), "enter the store", s->store);
}

/* Relative to the store: what its path is made of (colons, commas) does not matter then. */
static char *lowers_of(const struct image *image) {
    char *place = must_copy(image->place), *all = must_copy("lowerdir="), *slash;
    while ((slash = strrchr(place, '/')) && strcmp(place, "layer/0") != 0) {
        char *more = must_print("%sindex/%s/_data/root:", all, slash + 1);
        free(all);
        all = more;
        *slash = 0;
    }
    return must_print("%slayer/0/_data/root", all);
}

/* The title of the process, by which it is found again. libfuse passes it as an option, which a
 * comma would end. */
static char *title_of(const char *place) {
    char *title = must_print("plash mount at %s", place);
    for (char *c = title; (c = strchr(c, ',')); c++)
        *c = '.';
    return title;
}

void fuse_overlay_mount(const struct mounting *m, const struct store *s, const char *place,
                        int lock) {
    int layers[MOST_LOWERS];
    char said[1000];
    fuse_check_marks(m, s, cannot);
    /* It resolves links, and then takes what it got for several directories. */
    const char *changes = m->changes.path;
    if (changes && strchr(changes, ':'))
        cannot(
            m,
            must_print("fuse-overlayfs cannot keep changes in %s: its path has a colon", changes),
            "");
    for (int n = image_layers(s, &m->image, layers); n > 0; n--) /* they are all there */
        close(layers[n - 1]);
    struct server server = {.store = s->path,
                            .lowers = lowers_of(&m->image),
                            .fuse = attach(m, s, place, changes),
                            .image = lock,
                            .changes = changes ? m->changes.lock : -1};
    char *argv[] = {title_of(place), "-o", NULL, must_print("/dev/fd/%d", server.fuse), NULL};
    server.argv = argv;
    if (run_program("fuse-overlayfs", argv, become_root, &server, said, sizeof said))
        return;
    fuse_unmount(place);
    cannot(m, must_print("fuse-overlayfs failed: %s", *said ? said : "it gave no reason"), "");
}

const char *fuse_unmount(const char *place) {
    char *argv[] = {"fusermount3", "-u", "--", must_copy(place), NULL};
    static char said[1000];
    /* It holds the locks until it has ended. */
    int server = process_titled(title_of(place));
    bool done = run_program(argv[0], argv, NULL, NULL, said, sizeof said);
    if (done && server >= 0)
        poll(&(struct pollfd){.fd = server, .events = POLLIN}, 1, 5000);
    if (server >= 0)
        close(server);
    return done ? NULL : *said ? said : "fusermount3 gave no reason";
}
