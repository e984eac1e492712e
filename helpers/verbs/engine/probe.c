/* engine:probe — what works here, found out by trying. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/landlock.h"
#include "base/options.h"
#include "base/program.h"
#include "mount/overlay.h"
#include "mount/pivot_root.h"
#include "store/store.h"
#include "tree/delete.h"
#include "userns/diagnosis.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct trouble { /* sent through a pipe: without pointers; empty: nothing is wrong */
    char reason[400], problem[400], remedy[800];
};

struct findings {
    enum map map;
    bool overlay, userxattr, xattrs;
    int tier;
    char map_why[400];
    struct trouble namespaces, mounts, attributes;
};

static void note(struct trouble *t, struct failure f) {
    const char *reason = f.reason ? f.reason : strerror(f.error);
    snprintf(t->reason, sizeof t->reason, "%s", reason);
    snprintf(t->problem, sizeof t->problem, "cannot %s%s%s: %s", f.step, f.thing ? " " : "",
             f.thing ? f.thing : "", reason);
    snprintf(t->remedy, sizeof t->remedy, "%s", f.remedy ? f.remedy : "");
}

/* Without them the overlay is mounted all the same, but a directory that was removed and
 * made again would show what lower layers have in it. */
static void try_attributes(struct findings *f, int directory, const char *where_is) {
    const char *name = f->userxattr ? "user.overlay.probe" : "trusted.overlay.probe";
    f->xattrs = setxattr(must_print("/proc/self/fd/%d", directory), name, "y", 1, 0) == 0;
    if (!f->xattrs)
        note(&f->attributes,
             (struct failure){
                 .step = f->userxattr ? "keep user attributes in" : "keep trusted attributes in",
                 .thing = where_is,
                 .error = errno,
                 .remedy = "Put the store (PLASH_DATA) on ext4, xfs or btrfs without the mount "
                           "option nouser_xattr, or on tmpfs of Linux 6.6"});
}

/* A real overlay with something to write, in the directory `where`. */
static void try_overlay(struct findings *f, int where, const char *where_is) {
    static const char *const names[] = {"a", "b", "data", "work"};
    int fds[4];
    for (int i = 0; i < 4; i++) {
        mkdirat(where, names[i], 0755);
        fds[i] = openat(where, names[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fds[i] < 0) {
            note(&f->mounts, (struct failure){
                                 .step = "make a directory in", .thing = where_is, .error = errno});
            return;
        }
    }
    try_attributes(f, fds[2], where_is);
    struct overlay o = {.lowers = {fds[0], fds[1]},
                        .count = 2,
                        .upper = fds[2],
                        .work = fds[3],
                        .userxattr = f->userxattr,
                        .unsynced = true,
                        .source = "plashui:probe",
                        .what = where_is};
    struct overlay_trouble why;
    int mount = overlay_try(&o, &why);
    f->overlay = mount >= 0;
    if (f->overlay)
        f->tier = o.tier;
    else
        note(&f->mounts, overlay_diagnosis(&o, &why));
    close(mount);
}

/* In a child, since namespaces are for good. */
static void try_all(struct findings *f, const char *place, uid_t owner) {
    struct identity me = userns_try(CLONE_NEWNS);
    f->map = me.map;
    snprintf(f->map_why, sizeof f->map_why, "%s", me.why);
    if (me.map == MAP_NONE) {
        note(&f->namespaces, me.failure);
        return;
    }
    f->userxattr = in_a_userns() || owner != 0;
    /* Any other failure does not keep an overlay from being mounted. */
    if (!unshare_forbidden() && mounts_try_to_become_ours() < 0 &&
        (errno == EPERM || errno == EACCES || errno == EINVAL)) {
        note(&f->mounts, diagnosis_of_mounts(errno));
        return;
    }
    int where = open(place, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (where >= 0)
        try_overlay(f, where, place);
}

/* Makes and removes the directory for the try, in the same namespaces. */
static struct findings find_out(const char *store) {
    struct findings f = {0};
    struct stat st;
    const char *temporary = getenv("TMPDIR");
    char *place =
        store ? must_print("%s/tmp/plashtmp_%d_%d_XXXXXX", store, getsid(0), getpid())
              : must_print("%s/plash-probe-XXXXXX", temporary && *temporary ? temporary : "/tmp");
    uid_t owner = stat(store ? store : "/", &st) == 0 ? st.st_uid : 0;
    bool made = mkdtemp(place) != NULL;
    int pipes[2], error = errno;
    must(pipe2(pipes, O_CLOEXEC), "make a pipe", NULL);
    pid_t pid = must(fork(), "start a process", NULL);
    if (pid == 0) {
        try_all(&f, made ? place : "", store ? owner : geteuid());
        if (!made)
            note(&f.mounts,
                 (struct failure){.step = "make the directory",
                                  .thing = place,
                                  .error = error,
                                  .remedy = "Make it writable for you, or set PLASH_DATA"});
        if (made) {
            char *slash = strrchr(place, '/'), *names[] = {slash + 1};
            *slash = 0;
            int parent = open(*place ? place : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
            remove_names(parent, names, 1, 1);
        }
        ssize_t n = write(pipes[1], &f, sizeof f);
        _exit(n == (ssize_t)sizeof f ? 0 : 1);
    }
    close(pipes[1]);
    if (read(pipes[0], &f, sizeof f) != (ssize_t)sizeof f) {
        f = (struct findings){0};
        note(&f.namespaces, (struct failure){.step = "find out what works",
                                             .reason = "the process that tried it was killed",
                                             .remedy = "Its messages are on stderr"});
    }
    close(pipes[0]);
    child_status(pid);
    return f;
}

/* Before Linux 6.2 the switch does not exist, and it is always on. */
static long legacy_tiocsti(void) {
    return kernel_setting("/proc/sys/dev/tty/legacy_tiocsti");
}

/* What `mount` takes of a plain user; "" if it is there. */
static const char *fuse_lacks(const char **remedy) {
    *remedy = "As root, install the packages fuse-overlayfs and fuse3";
    if (!program_in_path("fuse-overlayfs"))
        return "fuse-overlayfs is not installed";
    if (!program_in_path("fusermount3"))
        return "fusermount3 is not installed";
    *remedy = "As root: modprobe fuse && chmod 666 /dev/fuse";
    if (access("/dev/fuse", R_OK | W_OK) < 0)
        return must_print("/dev/fuse cannot be opened: %s", strerror(errno));
    return "";
}

struct hints {
    char text[3000];
    size_t length;
};

/* `fact`: the key of the answer that this is about. */
static void hint(struct hints *h, const char *fact, const char *problem, const char *remedy,
                 bool optional) {
    struct json j;
    if (!*problem)
        return;
    json_open(&j);
    json_text(&j, "fact", fact);
    json_text(&j, "problem", problem);
    json_text(&j, "remedy", remedy ? remedy : "");
    json_bool(&j, "optional", optional);
    if (h->length + j.length + 4 < sizeof h->text)
        h->length += (size_t)snprintf(h->text + h->length, sizeof h->text - h->length, "%s%.*s}",
                                      h->length ? "," : "", (int)j.length, j.text);
}

static const char *all_hints(const struct findings *f, const char *tar) {
    struct hints h = {0};
    const char *remedy, *lacks = fuse_lacks(&remedy);
    hint(&h, "map", f->namespaces.problem, f->namespaces.remedy, false);
    if (f->map == MAP_SINGLE) {
        struct failure failure = diagnosis_of_single(f->map_why);
        hint(&h, "map", failure.reason, failure.remedy, false);
    }
    hint(&h, "overlay", f->mounts.problem, f->mounts.remedy, false);
    hint(&h, "xattrs", f->attributes.problem, f->attributes.remedy, false);
    hint(&h, "tar", *tar ? "" : "GNU tar, which packs archives, is not installed",
         "As root, install the package tar", false);
    if (!landlock_version())
        hint(&h, "landlock", "archives are unpacked without this second barrier",
             "Linux 5.13 and newer have it, with landlock in `lsm=` on the kernel's command line",
             true);
    if (legacy_tiocsti() != 0)
        hint(&h, "tiocsti", "a program in an image can type into the terminal it runs in",
             "As root: sysctl dev.tty.legacy_tiocsti=0 (Linux 6.2 and newer)", true);
    if (geteuid() != 0)
        hint(&h, "fuse", lacks, remedy, true);
    return must_print("[%s]", h.text);
}

int verb_engine_probe(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 0, 1);
    struct findings f = find_out(at < argc ? argv[at] : NULL);
    struct utsname kernel;
    must(uname(&kernel), "ask for", "the kernel's version");
    const char *tar = tar_path(), *unused;

    struct json j;
    json_open(&j);
    json_text(&j, "kernel", kernel.release);
    json_number(&j, "uid", getuid());
    json_text(&j, "map", map_name(f.map));
    json_text(&j, "map_why", f.map ? f.map_why : f.namespaces.reason);
    json_bool(&j, "overlay", f.overlay);
    json_text(&j, "overlay_why", f.map ? f.mounts.reason : "it needs a user namespace");
    json_bool(&j, "userxattr", f.userxattr);
    json_number(&j, "tier", (uint64_t)f.tier);
    json_number(&j, "landlock", (uint64_t)landlock_version());
    json_text(&j, "tar", tar);
    json_bool(&j, "xattrs", f.xattrs);
    json_bool(&j, "tiocsti", legacy_tiocsti() != 0);
    json_bool(&j, "fuse", !*fuse_lacks(&unused));
    json_raw(&j, "hints", all_hints(&f, tar));
    json_answer(&j);
    return 0;
}
