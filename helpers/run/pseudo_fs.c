#include "run/pseudo_fs.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"

enum {
    QUIET = K_ATTR_NOSUID | K_ATTR_NODEV,
    MUTE = QUIET | K_ATTR_NOEXEC,
};

static const char *const no_options[] = {NULL};
static const char *const only_processes[] = {"subset", "pid", NULL};
static const char *const terminals[] = {"ptmxmode", "0666", "mode", "0620", NULL};
/* None of what is in memory takes more of it than this. */
static const char *const for_tmp[] = {"mode", "1777", "size", "25%", NULL};
static const char *const for_shm[] = {"mode", "1777", "size", "10%", NULL};
static const char *const for_run[] = {"mode", "0755", "size", "10%", NULL};
static const char *const for_dev[] = {"mode", "0755", "size", "64k", "nr_inodes", "1k", NULL};
static const char *const for_nothing[] = {"mode", "0555", "nr_inodes", "2", NULL};

static const char *const points[] = {"tmp", "run", "dev", "proc", "sys"};
enum { POINTS = sizeof points / sizeof *points };

static bool make_mountpoints(int dir) {
    for (int i = 0; i < POINTS; i++)
        if (mkdirat(dir, points[i], 0755) < 0)
            return false;
    return fchmodat(dir, "tmp", 01777, 0) == 0;
}

void surround_without_replacing(int root) {
    struct stat st;
    for (int i = 0; i < POINTS; i++) {
        if (mkdirat(root, points[i], 0755) == 0)
            must(fchmodat(root, points[i], i ? 0755 : 01777, 0), "make", points[i]);
        else if (fstatat(root, points[i], &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
            fail((struct failure){.step = "mount a file system in rootfs at",
                                  .thing = points[i],
                                  .reason = "it is not a directory",
                                  .remedy = "Put a directory in its place, or run it read-only"});
    }
}

const struct mountpoints isolated_mountpoints = {"mountpoints_isolated", make_mountpoints};

/* Whatever the image has of that name in its root directory is hidden or, if a directory
 * cannot be attached there, replaced: what is changed of an image here is thrown away. */
static void attach_at(int root, const char *name, int mount) {
    must(mount, "make a file system for", name);
    attach(mount, inside_claim(root, name, true), name);
}

static const struct node {
    const char *name;
    unsigned major, minor;
} nodes[] = {{"null", 1, 3},   {"zero", 1, 5},    {"full", 1, 7},
             {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0}};
enum { NODES = sizeof nodes / sizeof *nodes };

/* One of the host's, read-only: what is written goes to the device, but its mode and owner stay. */
static bool bind_device(int dev, const char *path, const char *name) {
    int node = tree_of_host(path, true);
    if (node < 0)
        return false;
    attach(node, inside_claim(dev, name, false), path);
    close(node);
    return true;
}

/* Where we may make it, one of its own. */
static void make_device(int dev, const struct node *n) {
    if (mknodat(dev, n->name, S_IFCHR | 0666, makedev(n->major, n->minor)) == 0) {
        must(fchmodat(dev, n->name, 0666, 0), "make in /dev", n->name); /* whatever the umask */
        return;
    }
    const char *path = must_print("/dev/%s", n->name);
    if (!bind_device(dev, path, n->name))
        must(-1, "take from the host", path);
}

static const char *name_of(dev_t device, const char *console) {
    struct stat st;
    for (int i = 0; i < NODES; i++)
        if (device == makedev(nodes[i].major, nodes[i].minor))
            return nodes[i].name;
    return console && stat(console, &st) == 0 && st.st_rdev == device ? "console" : NULL;
}

/* Where standard input or output is a device of the host's: the same, as it is in here. Else its
 * owner and mode there could be changed, those of the terminal, too. */
static void take_own_devices(int dev, const char *console) {
    struct stat st;
    for (int fd = 0; fd < 3; fd++) {
        const char *name =
            fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) ? name_of(st.st_rdev, console) : NULL;
        int flags = fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND | O_NONBLOCK);
        int own = name ? openat(dev, name, flags | O_NOCTTY | O_CLOEXEC) : -1;
        if (own < 0)
            continue; /* a terminal may be somebody else's, who became us */
        must(dup2(own, fd), "open in /dev", name);
        close(own);
    }
}

void surround_with_memory(int root) {
    attach_at(root, "tmp", new_file_system("tmpfs", for_tmp, QUIET));
    attach_at(root, "run", new_file_system("tmpfs", for_run, QUIET));
}

void surround_with_devices(int root) {
    static const char *const links[][2] = {{"/proc/self/fd", "fd"},
                                           {"/proc/self/fd/0", "stdin"},
                                           {"/proc/self/fd/1", "stdout"},
                                           {"/proc/self/fd/2", "stderr"},
                                           {"pts/ptmx", "ptmx"}};

    int dev = new_file_system("tmpfs", for_dev, K_ATTR_NOSUID | K_ATTR_NOEXEC);
    attach_at(root, "dev", dev);
    for (int i = 0; i < NODES; i++)
        make_device(dev, nodes + i);
    for (size_t i = 0; i < sizeof links / sizeof *links; i++)
        must(symlinkat(links[i][0], dev, links[i][1]), "make in /dev", links[i][1]);
    attach_at(dev, "pts", new_file_system("devpts", terminals, K_ATTR_NOSUID | K_ATTR_NOEXEC));
    attach_at(dev, "shm", new_file_system("tmpfs", for_shm, MUTE));
    const char *console = ttyname(STDIN_FILENO);
    if (console)
        bind_device(dev, console, "console");
    take_own_devices(dev, console);
    close(dev);
}

/* As the OCI runtime specification lists them, and docker: what tells of the machine or its other
 * programs, and what changes it. Root of the host may write there even without capabilities. */
static const char *const hidden_in_proc[] = {"acpi",       "asound",        "interrupts",  "kcore",
                                             "keys",       "latency_stats", "sched_debug", "scsi",
                                             "timer_list", "timer_stats"};
static const char *const hidden_in_sys[] = {"firmware", "devices/virtual/powercap"};
static const char *const fixed_in_proc[] = {"bus", "fs", "irq", "sys", "sysrq-trigger"};
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* The empty file and the empty directory that hide others. Before Linux 6.15 only an attached mount
 * can be cloned: the directory is attached where it is first needed. */
struct nothing {
    int file, directory;
    bool attached;
};

static struct nothing make_nothing(int root) {
    return (struct nothing){
        .file = must(k_openat2(root, "dev/null", O_PATH, K_IN_ROOT | K_NO_SYMLINKS), "open",
                     "/dev/null"),
        .directory = must(new_file_system("tmpfs", for_nothing, MUTE | K_ATTR_RDONLY),
                          "make a file system", "with nothing in it"),
    };
}

static void hide_one(struct nothing *n, int spot, const char *name, bool directory) {
    static const char step[] = "hide from the command";
    if (directory && !n->attached) {
        n->attached = true;
        attach(n->directory, spot, name);
        return;
    }
    int cover = must(k_clone_tree(directory ? n->directory : n->file, ""), step, name);
    if (!directory)
        must(k_mount_limit(cover, K_ATTR_NOSUID | K_ATTR_NOEXEC | K_ATTR_RDONLY), step, name);
    attach(cover, spot, name);
    close(cover);
}

static void hide(struct nothing *n, int where, const char *const *names, size_t count) {
    static const char step[] = "hide from the command";
    struct stat st;
    for (size_t i = 0; i < count; i++) {
        int spot = k_openat2(where, names[i], O_PATH, K_BENEATH | K_NO_SYMLINKS);
        if (spot < 0 && (errno == ENOENT || errno == EACCES))
            continue; /* a kernel without it, or where nobody inside can see it either */
        must(spot, step, names[i]);
        must(fstat(spot, &st), step, names[i]);
        hide_one(n, spot, names[i], S_ISDIR(st.st_mode));
    }
}

static void fix(int proc) {
    static const char step[] = "guard in /proc";
    for (size_t i = 0; i < COUNT(fixed_in_proc); i++) {
        const char *name = fixed_in_proc[i];
        int same = k_open_tree(proc, name, K_OPEN_TREE_CLONE | K_OPEN_TREE_CLOEXEC);
        if (same < 0 && errno == ENOENT)
            continue;
        must(same, step, name);
        must(k_mount_limit(same, K_ATTR_RDONLY), step, name);
        must(k_move_mount(same, proc, name, 0), step, name);
        close(same);
    }
}

/* Where something is mounted over parts of the host's /proc, as in containers, a plain user could
 * look beneath that with a new one. */
static int new_proc(bool *of_host) {
    int proc = new_file_system("proc", no_options, MUTE);
    if (proc < 0 && errno == EPERM)
        proc = new_file_system("proc", only_processes, MUTE);
    *of_host = proc < 0 && errno == EPERM;
    if (*of_host)
        proc = tree_of_host("/proc", true);
    return proc;
}

void surround_with_kernel(int root, bool own_network) {
    bool of_host;
    int proc = new_proc(&of_host);
    if (of_host)
        remark("the kernel denies the image its own /proc, as in containers that hide parts of "
               "theirs: the image sees all processes here and their command lines");
    struct nothing nothing = make_nothing(root);
    attach_at(root, "proc", proc);
    if (!of_host)
        fix(proc);
    hide(&nothing, proc, hidden_in_proc, COUNT(hidden_in_proc));
    close(proc);

    int sys = own_network ? new_file_system("sysfs", no_options, MUTE | K_ATTR_RDONLY) : -1;
    if (sys >= 0) {
        attach_at(root, "sys", sys);
        hide(&nothing, sys, hidden_in_sys, COUNT(hidden_in_sys));
        close(sys);
    }
    close(nothing.file);
    close(nothing.directory);
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
