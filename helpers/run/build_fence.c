#include "run/build_fence.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
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
static const char OF_APT[] = "99plash-root";

static bool is_empty(int dir) {
    int same = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return !directory_has(same, any_name, NULL);
}

static bool is_noted(const struct building *b, const char *path) {
    for (int i = 0; i < b->count; i++)
        if (!strcmp(b->traces[i].path, path))
            return true;
    return false;
}

static void note_trace(struct building *b, int data, const char *path, bool empty) {
    struct stat st;
    if (is_noted(b, path) || fstatat(data, path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
        (!S_ISDIR(st.st_mode) && (!S_ISREG(st.st_mode) || (empty && st.st_size))))
        return;
    b->traces = must_have(realloc(b->traces, ((size_t)b->count + 1) * sizeof *b->traces),
                          "allocate", "memory");
    b->traces[b->count++] = (struct trace){
        .path = must_copy(path), .changed = st.st_ctim, .directory = S_ISDIR(st.st_mode)};
}

/* What is in data/ on the way to a place, and was not before: what was made there, and directories
 * of the image that had to be copied for that. What is mounted on is `empty`. */
static void note_traces(struct building *b, int data, int spot, bool empty) {
    char *link = must_print("/proc/self/fd/%d", spot), path[4096];
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = 0;
    free(link);
    for (char *slash = path + strlen(path); slash > path; slash = strrchr(path, '/')) {
        *slash = 0;
        note_trace(b, data, path + 1, empty);
    }
}

static int by_depth(const void *a, const void *b) {
    size_t one = strlen(((const struct trace *)a)->path);
    size_t other = strlen(((const struct trace *)b)->path);
    return (one < other) - (one > other);
}

void building_tidy(const struct building *b, const struct changes *changes) {
    int data = b->count ? openat(changes->lock, "data", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    struct stat st;
    /* Removing one changes the next: look at all of them first. */
    for (struct trace *t = b->traces; data >= 0 && t < b->traces + b->count; t++)
        t->touched = fstatat(data, t->path, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                     st.st_ctim.tv_sec != t->changed.tv_sec ||
                     st.st_ctim.tv_nsec != t->changed.tv_nsec;
    for (const struct trace *t = b->traces; data >= 0 && t < b->traces + b->count; t++)
        if (!t->touched) /* a directory with something in it stays */
            unlinkat(data, t->path, t->directory ? AT_REMOVEDIR : 0);
    if (data >= 0)
        close(data);
}

/* Where the image has something of that name, it is the image's. */
static int place_of_directory(const struct building *b, int root, int tree) {
    int spot = tree < 0 ? -1 : k_openat2(root, b->directory, O_PATH, SAFELY);
    if (tree < 0 || spot >= 0 || errno != ENOENT) {
        close(spot);
        return -1;
    }
    return must(inside_reach(root, b->directory, true), "make a place in the image at",
                b->directory);
}

/* The directory of the changes, or -1 if there are some already: nobody could tell the traces from
 * them. */
static int data_for_traces(const struct mounting *m) {
    int data = must(openat(m->changes.lock, "data", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open",
                    "the changes");
    if (is_empty(data))
        return data;
    close(data);
    return -1;
}

/* Attach `tree`, the caller's directory, or what the options share. */
static void share(struct building *b, int data, int root, int tree) {
    struct volume *volumes = b->own ? b->own->volumes : NULL;
    int count = b->own ? b->own->volume_count : 0;
    int spot = place_of_directory(b, root, tree);
    volumes_place(volumes, count, root);
    for (int i = 0; data >= 0 && i < count; i++)
        note_traces(b, data, volumes[i].spot, true);
    if (data >= 0 && spot >= 0)
        note_traces(b, data, spot, true);
    if (b->count > 1)
        qsort(b->traces, (size_t)b->count, sizeof *b->traces, by_depth);
    if (spot >= 0)
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

/* Write the setting of apt to a new file, and return it. */
static int write_apt_setting(int directory, const char *name) {
    static const char text[] = "APT::Sandbox::User \"root\";\n", what[] = "a setting of apt";
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC;
    int file = must(openat(directory, name, flags, 0644), "make", what);
    must(write(file, text, sizeof text - 1) == sizeof text - 1 ? 0 : -1, "write", what);
    return file;
}

/* apt would fetch as another user, and ends where there is none but root. Its setting is in /dev,
 * which is ours and in memory, for a variable; and where apt looks without it (sudo and `env -i`
 * take it away), as a file of the image: what is mounted there the image could not remove. */
static bool apt_stays_root(struct building *b, int data, int root) {
    int there = b->only_root ? k_openat2(root, "etc/apt", O_PATH | O_DIRECTORY, SAFELY) : -1;
    if (there < 0)
        return false;
    int dev = must(openat(root, "dev", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open",
                   "/dev of the image");
    close(write_apt_setting(dev, "apt.conf"));
    close(dev);
    int parts = k_openat2(there, "apt.conf.d", O_PATH | O_DIRECTORY, K_NO_SYMLINKS);
    if (parts >= 0 && data >= 0 && faccessat(parts, OF_APT, F_OK, 0) < 0) {
        int file = write_apt_setting(parts, OF_APT);
        note_traces(b, data, file, false);
        close(file);
    }
    close(parts);
    close(there);
    return true;
}

static char **with_apt_setting(char **variables) {
    size_t count = 0;
    while (variables[count])
        count++;
    char **more = must_allocate(count + 2, sizeof *more);
    memcpy(more, variables, count * sizeof *more);
    more[count] = must_copy("APT_CONFIG=/dev/apt.conf");
    return more;
}

static void find_user(struct building *b, int root) {
    b->who = user_inside(root, "", b->where);
    b->who.uid = b->who.gid = 0; /* whatever the image calls its root */
    b->who.count = 0;
}

static void enter_directory(struct building *b, int root) {
    if (b->own) {
        b->place = isolate_directory(root, b->own->directory);
        return;
    }
    b->place = b->directory ? k_openat2(root, b->directory, O_PATH | O_DIRECTORY, SAFELY) : -1;
    if (b->place < 0)
        b->place = must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "enter", "/");
}

/* The image's own links are followed while nothing of the host is in it: they cannot lead to the
 * host. */
struct identity building_prepare(struct building *b, struct mounting *m) {
    struct isolation *own = b->own;
    bool own_network = own && !own->network;
    if (own)
        cgroups_enter(&own->groups);
    struct becoming me = userns_begin(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
                                      (own_network ? CLONE_NEWNET : 0));
    mounts_become_ours();
    if (own_network)
        isolate_loopback();
    bool at_top = own || !b->directory || !strcmp(b->directory, "/");
    int tree = at_top ? -1 : tree_to_read(b->directory);
    if (own)
        volumes_take(own->volumes, own->volume_count);
    struct flavour f = {.sharing = SHARE_FOR_BUILD};
    flavour_clone_host(&f);
    struct identity whole = userns_complete(&me);
    b->only_root = whole.map == MAP_SINGLE;

    m->conf = own ? &own->conf : &b->conf;
    m->setuid = true;
    f.root = mount_image(m, &flavour_mountpoints);
    if (!own)
        f.path = runconf_variable(&b->conf, "PATH");
    flavour_resolve(&f);
    flavour_read_image(&f, false);
    root_attach(f.root, -1);
    b->path = f.path;
    if (own) {
        own->map = whole.map;
        isolate_settle(own, m->image.id);
        isolate_find_user(own, f.root);
        b->who = own->who;
    } else {
        find_user(b, f.root);
    }

    check_places(b, f.root);
    surround_with_devices(f.root);
    int data = data_for_traces(m);
    b->sets_apt = apt_stays_root(b, data, f.root);
    share(b, data, f.root, tree);
    close(data);
    if (own)
        close(
            must(inside_reach(f.root, own->directory, true), "make the directory", own->directory));
    flavour_attach(&f);
    surround_with_kernel(f.root, own_network);
    if (own)
        volumes_attach(own->volumes, own->volume_count);
    root_enter(f.root, -1);
    enter_directory(b, f.root);
    /* From now on /proc/1/fd, which leads to the host and the store, is nobody's to open. */
    must(prctl(PR_SET_DUMPABLE, 0), "hide from", "the command");
    return whole;
}

static char **environment_of(const struct building *b) {
    const struct isolation *own = b->own;
    if (own)
        return environment_isolated(b->path, b->who.home, own->hostname, own->conf.environment,
                                    own->variables.words, own->variables.count);
    return environment_inside(b->path, b->who.home);
}

void building_become(struct building *b, char **command, bool login) {
    const struct fence fence = {.may_become_others = true,
                                .host_network = !b->own || b->own->network,
                                .callers_descriptors = true,
                                .only_root = b->only_root,
                                .filter = b->own ? b->own->fence.filter : FILTER_WHOLE};
    must(fchdir(b->place), "enter", b->own ? b->own->directory : b->directory);
    char **inside = environment_of(b);
    if (b->sets_apt)
        inside = with_apt_setting(inside);
    if (isatty(STDIN_FILENO))
        inside = entry_environment(inside, b->label, b->who.shell);
    confine(&b->who, &fence);
    if (!*command) {
        entry_begin(b->label, b->own    ? ", as in a step of a build"
                              : b->kept ? ", as in a build: its changes are kept"
                                        : ", whose changes become an image if it exits with 0");
        become_login_shell(b->who.shell, inside, b->where);
    }
    if (login)
        become_through_login_shell(b->who.shell, command, inside, b->where);
    become_inside(command, inside, b->where);
}
