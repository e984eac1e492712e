#include "run/host_binds.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "userns/passwd.h"

static const struct place {
    const char *host, *inside;
    enum { NO, READ, WRITE } shared[4]; /* or to be read only, or not; by `enum sharing` */
    bool is_root, is_file;
} places[PLACES] = {
    {"/tmp", "tmp", .shared = {WRITE, NO, NO, NO}},
    {"/home", "home", .shared = {WRITE, READ, NO, NO}},
    {"/root", "root", .shared = {WRITE, READ, NO, NO}},
    {"/sys", "sys", .shared = {WRITE, WRITE, WRITE, READ}},
    {"/dev", "dev", .shared = {WRITE, WRITE, WRITE, NO}},
    {"/proc", "proc", .shared = {WRITE, WRITE, WRITE, NO}},
    {"/", "mnt", .shared = {WRITE, READ, NO, NO}, .is_root = true},
    {"/etc/resolv.conf", "etc/resolv.conf", .shared = {WRITE, WRITE, WRITE, READ}, .is_file = true},
};

/* The host's root directory is not cloned where root_enter can put it there itself, which is
 * half the mounts to make and to unmake. */
static bool is_host(const struct flavour *f, int i) {
    return places[i].is_root && !f->shared && f->sharing == SHARE_ALL;
}

/* A directory cannot be mounted on a file, nor a file on a directory: an image that has the one
 * for the other does without. */
static bool fits(const struct flavour *f, int i) {
    struct stat st;
    return f->spots[i] >= 0 && fstat(f->spots[i], &st) == 0 &&
           S_ISDIR(st.st_mode) != places[i].is_file;
}

void flavour_clone_host(struct flavour *f) {
    for (int i = 0; i < PLACES; i++) {
        f->clones[i] = -1;
        int how = places[i].shared[f->sharing];
        if (how == NO || is_host(f, i) || (f->resolved && !fits(f, i)))
            continue;
        f->clones[i] = how == READ ? tree_of_host(places[i].host, true)
                                   : k_clone_tree(AT_FDCWD, places[i].host);
        if (f->clones[i] < 0 && errno != ENOENT && errno != ELOOP && errno != EACCES)
            must(-1, "share with the image", places[i].host);
        struct k_mount_attr private = {.propagation = MS_PRIVATE};
        if (f->shared && f->clones[i] >= 0)
            must(k_mount_setattr(f->clones[i], "", K_EMPTY_PATH | K_RECURSIVE, &private),
                 "keep apart from the host's mounts", places[i].host);
    }
}

/* A link as resolv.conf that leads nowhere (to a systemd that does not run here) is
 * mounted over itself, which the kernel allows and which changes nothing in the layer. */
static int resolve_link_itself(int root) {
    int etc = k_openat2(root, "etc", O_PATH | O_DIRECTORY, K_IN_ROOT | K_NO_MAGICLINKS);
    if (etc < 0)
        return -1;
    int fd = openat(etc, "resolv.conf", O_PATH | O_NOFOLLOW | O_CLOEXEC);
    close(etc);
    return fd;
}

void flavour_resolve(struct flavour *f) {
    f->resolved = true;
    for (int i = 0; i < PLACES; i++) {
        f->spots[i] = -1;
        if (places[i].shared[f->sharing] == NO)
            continue;
        f->spots[i] = k_openat2(f->root, places[i].inside, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS);
        if (f->spots[i] < 0 && errno == ENOSYS)
            must(-1, "resolve paths inside", "the image");
        if (f->spots[i] < 0 && places[i].is_file)
            f->spots[i] = resolve_link_itself(f->root);
    }
}

static bool make_mountpoints(int dir) {
    for (int i = 0; i < PLACES; i++)
        if (!places[i].is_file && mkdirat(dir, places[i].inside, 0755) < 0)
            return false;
    if (fchmodat(dir, "tmp", 01777, 0) < 0 || fchmodat(dir, "root", 0700, 0) < 0 ||
        mkdirat(dir, "etc", 0755) < 0)
        return false;
    int fd = openat(dir, "etc/resolv.conf", O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0644);
    return fd >= 0 && close(fd) == 0;
}

const struct mountpoints flavour_mountpoints = {"mountpoints", make_mountpoints};

void flavour_read_image(struct flavour *f, bool login) {
    struct account root;
    if (!f->path)
        f->path = path_inside(inside_read(f->root, "etc/environment"));
    int passwd = login ? inside_read(f->root, "etc/passwd") : -1;
    f->shell = account_in(passwd, NULL, 0, &root) ? root.shell : "";
}

void flavour_attach(const struct flavour *f) {
    for (int i = 0; i < PLACES; i++)
        if (f->clones[i] >= 0 && fits(f, i) &&
            k_move_mount(f->clones[i], f->spots[i], "", K_MOVE_TO_FD) < 0)
            must(-1, "share with the image", places[i].host);
}

int flavour_place_of_host(const struct flavour *f) {
    for (int i = 0; i < PLACES; i++)
        if (is_host(f, i) && fits(f, i))
            return f->spots[i];
    return -1;
}
