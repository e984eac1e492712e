#include "surroundings.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "inside.h"
#include "kernel.h"
#include "must.h"

enum {
    QUIET = K_ATTR_NOSUID | K_ATTR_NODEV,
    MUTE = QUIET | K_ATTR_NOEXEC,
};

static const char *const no_options[] = {NULL};
static const char *const for_all[] = {"mode", "1777", NULL};
static const char *const for_root[] = {"mode", "0755", NULL};

static bool make_mountpoints(int dir) {
    static const char *const names[] = {"tmp", "run", "dev", "proc", "sys"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (mkdirat(dir, names[i], 0755) < 0)
            return false;
    return fchmodat(dir, "tmp", 01777, 0) == 0;
}

const struct mountpoints isolated_mountpoints = {"mountpoints_isolated", make_mountpoints};

/* Whatever the image has of that name in its root directory is hidden or, if a directory
 * cannot be attached there, replaced: what is changed of an image here is thrown away. */
static void attach_at(int root, const char *name, int mount) {
    must(mount, "make a file system for", name);
    attach(mount, inside_claim(root, name, true), name);
}

static void device(int dev, const char *path, const char *name, bool needed) {
    int node = tree_of_host(path, false);
    if (node < 0 && !needed)
        return;
    must(node, "take from the host", path);
    attach(node, inside_claim(dev, name, false), path);
    close(node);
}

void surround_with_devices(int root) {
    static const char *const nodes[] = {"/dev/null",   "/dev/zero",    "/dev/full",
                                        "/dev/random", "/dev/urandom", "/dev/tty"};
    static const char *const links[][2] = {{"/proc/self/fd", "fd"},
                                           {"/proc/self/fd/0", "stdin"},
                                           {"/proc/self/fd/1", "stdout"},
                                           {"/proc/self/fd/2", "stderr"},
                                           {"pts/ptmx", "ptmx"}};
    static const char *const terminals[] = {"ptmxmode", "0666", "mode", "0620", NULL};

    attach_at(root, "tmp", new_file_system("tmpfs", for_all, QUIET));
    attach_at(root, "run", new_file_system("tmpfs", for_root, QUIET));

    int dev = new_file_system("tmpfs", for_root, K_ATTR_NOSUID | K_ATTR_NOEXEC);
    attach_at(root, "dev", dev);
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        device(dev, nodes[i], nodes[i] + sizeof "/dev", true);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        must(symlinkat(links[i][0], dev, links[i][1]), "make in /dev", links[i][1]);
    attach_at(dev, "pts", new_file_system("devpts", terminals, K_ATTR_NOSUID | K_ATTR_NOEXEC));
    attach_at(dev, "shm", new_file_system("tmpfs", for_all, MUTE));
    const char *console = ttyname(STDIN_FILENO);
    if (console)
        device(dev, console, "console", false);
    close(dev);
}

/* Root of the host may write here even without capabilities. In a user namespace nobody may. */
static void guard_settings(int proc) {
    static const char *const guarded[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};
    for (size_t i = 0; i < sizeof guarded / sizeof *guarded; i++) {
        int same = k_open_tree(proc, guarded[i], K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC);
        if (same < 0 && errno == ENOENT)
            continue;
        must(same, "guard in /proc", guarded[i]);
        must(k_mount_limit(same, K_ATTR_RDONLY), "guard in /proc", guarded[i]);
        must(k_move_mount(same, proc, guarded[i], 0), "guard in /proc", guarded[i]);
        close(same);
    }
}

void surround_with_kernel(int root, bool own_network, bool real_root) {
    int proc = new_file_system("proc", no_options, MUTE);
    /* Where something is mounted over parts of the host's /proc, as in containers, a plain
     * user could look beneath that with a new one. */
    if (proc < 0 && errno == EPERM)
        proc = tree_of_host("/proc", true);
    attach_at(root, "proc", proc);
    if (real_root)
        guard_settings(proc);
    close(proc);

    int sys = own_network ? new_file_system("sysfs", no_options, MUTE | K_ATTR_RDONLY) : -1;
    if (sys >= 0)
        attach_at(root, "sys", sys);
}

void surround_with_network(int root) {
    int etc = k_openat2(root, "etc", O_PATH | O_DIRECTORY, K_IN_ROOT | K_NO_MAGICLINKS);
    if (etc < 0)
        etc = must(inside_claim(root, "etc", true), "make a place in the image at", "etc");
    const char *const names[] = {"resolv.conf", "hosts"};
    const char *const files[] = {"/etc/resolv.conf", "/etc/hosts"};
    for (int i = 0; i < 2; i++) {
        int file = tree_of_host(files[i], true);
        if (file >= 0)
            attach(file, inside_claim(etc, names[i], false), files[i]);
    }
    close(etc);
}
