#include "run/build_fence.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/environment.h"
#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "run/entry.h"
#include "run/pseudo_fs.h"
#include "userns/userns.h"

enum { SAFELY = K_IN_ROOT | K_NO_MAGICLINKS };

static bool is_empty(int dir) {
    int same = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return !directory_has(same, any_name, NULL);
}

/* What is in data/ on the way to `path`, and was not before: directories that were made, and
 * those of the image that had to be copied for that. */
static void note_traces(struct building *b, int data, char *path) {
    size_t most = 0;
    for (const char *c = path; *c; c++)
        most += *c == '/';
    b->traces = must_allocate(most + 1, sizeof *b->traces);
    for (char *slash = path + strlen(path); slash > path; slash = strrchr(path, '/')) {
        struct stat st;
        *slash = 0;
        if (fstatat(data, path + 1, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
            b->traces[b->count++] =
                (struct trace){.path = must_copy(path + 1), .changed = st.st_ctim};
    }
}

void building_tidy(const struct building *b, const struct changes *changes) {
    int data = b->count ? openat(changes->lock, "data", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    int untouched = 0;
    struct stat st;
    /* Removing one changes the next: look at all of them first. */
    for (const struct trace *t = b->traces; data >= 0 && untouched < b->count; t++, untouched++)
        if (fstatat(data, t->path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
            st.st_ctim.tv_sec != t->changed.tv_sec || st.st_ctim.tv_nsec != t->changed.tv_nsec)
            break;
    for (int i = 0; i < untouched; i++)
        if (unlinkat(data, b->traces[i].path, AT_REMOVEDIR) < 0)
            break;
    if (data >= 0)
        close(data);
}

/* Where the image has something of that name, it is the image's. */
static void show_directory(struct building *b, const struct mounting *m, int root, int tree) {
    int spot = tree < 0 ? -1 : k_openat2(root, b->directory, O_PATH, SAFELY);
    if (tree < 0 || spot >= 0 || errno != ENOENT) {
        close(spot);
        return;
    }
    int data = must(openat(m->changes.lock, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open",
                    "the changes");
    bool was_empty = is_empty(data);
    spot =
        must(inside_reach(root, b->directory, true), "make a place in the image at", b->directory);
    if (was_empty) { /* else nobody could tell the traces from what was there */
        char *link = must_print("/proc/self/fd/%d", spot), path[4096];
        ssize_t n = readlink(link, path, sizeof path - 1);
        path[n > 0 ? n : 0] = 0;
        note_traces(b, data, path);
    }
    close(data);
    attach(tree, spot, b->directory);
}

/* What surrounds it would be put in place of what else the image has there, and that be a change.
 */
static void check_places(const struct building *b, int root) {
    static const char *const names[] = {"dev", "proc"};
    for (int i = 0; i < 2; i++) {
        int fd = openat(root, names[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
            refuse("cannot build on %s: its /%s is not a directory", b->where, names[i]);
        close(fd);
    }
}

/* The image's own links are followed while nothing of the host is in it: they cannot lead to the
 * host. */
struct identity building_prepare(struct building *b, struct mounting *m) {
    struct becoming me = userns_begin(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP);
    mounts_become_ours();
    bool at_top = !b->directory || !strcmp(b->directory, "/");
    int tree = at_top ? -1 : tree_to_read(b->directory);
    struct flavour f = {.sharing = SHARE_FOR_BUILD};
    flavour_clone_host(&f);
    struct identity whole = userns_complete(&me);

    m->conf = &b->conf;
    m->setuid = true;
    f.root = mount_image(m, &flavour_mountpoints);
    f.path = runconf_variable(&b->conf, "PATH");
    flavour_resolve(&f);
    flavour_read_image(&f, false);
    root_attach(f.root, -1);
    b->path = f.path;
    b->who = user_inside(f.root, "", b->where);
    b->who.uid = b->who.gid = 0; /* whatever the image calls its root */
    b->who.count = 0;

    check_places(b, f.root);
    surround_with_devices(f.root);
    show_directory(b, m, f.root, tree);
    flavour_attach(&f);
    surround_with_kernel(f.root, false);
    root_enter(f.root, -1);
    b->place = b->directory ? k_openat2(f.root, b->directory, O_PATH | O_DIRECTORY, SAFELY) : -1;
    if (b->place < 0)
        b->place = must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "enter", "/");
    /* From now on /proc/1/fd, which leads to the host and the store, is nobody's to open. */
    must(prctl(PR_SET_DUMPABLE, 0), "hide from", "the command");
    return whole;
}

void building_become(struct building *b, char **command, bool login) {
    const struct fence fence = {.may_become_others = true,
                                .host_network = true,
                                .callers_descriptors = true,
                                .filter = FILTER_WHOLE};
    must(fchdir(b->place), "enter", b->directory);
    char **inside = environment_inside(b->path, b->who.home);
    if (isatty(STDIN_FILENO))
        inside = entry_environment(inside, b->label, b->who.shell);
    confine(&b->who, &fence);
    if (!*command) {
        entry_begin(b->label, ", whose changes become an image if it exits with 0");
        become_login_shell(b->who.shell, inside, b->where);
    }
    if (login)
        become_through_login_shell(b->who.shell, command, inside, b->where);
    become_inside(command, inside, b->where);
}
