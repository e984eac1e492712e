#include "run/cgroup.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/small_file.h"
#include "mount/mountinfo.h"

/* Where the caller's group is in one hierarchy: a line of /proc/self/cgroup. */
struct hierarchy {
    bool modern;       /* version 2 */
    char *controllers; /* "cpu,cpuacct"; of version 2 "" */
    char *path;        /* the caller's group, as the kernel has it */
    char *directory;   /* that group where it is mounted; NULL: nowhere that we see */
    bool is_root;      /* it has no parent */
};

static const char own[] = "/proc/self/cgroup";

static bool lists(const char *list, const char *word) {
    size_t n = strlen(word);
    for (; list && *list; list += strcspn(list, ", \n"), list += *list != 0)
        if (!strncmp(list, word, n) && strchr(", \n", list[n])) /* or its end */
            return true;
    return false;
}

/* The group's directory, if this is a mount of its hierarchy. */
static char *directory_in(const struct mounted *m, const struct hierarchy *h) {
    if (strcmp(m->type, h->modern ? "cgroup2" : "cgroup") != 0)
        return NULL;
    if (!h->modern) {
        char *names = must_copy(h->controllers), *first = strsep(&names, ",");
        if (!lists(m->options, first)) /* also "name=systemd" */
            return NULL;
    }
    size_t n = strcmp(m->root, "/") ? strlen(m->root) : 0;
    if (strncmp(h->path, m->root, n) != 0 || (h->path[n] && h->path[n] != '/'))
        return NULL;
    return must_print("%s%s", m->place, h->path + n);
}

static void find_directory(struct hierarchy *h) {
    static const char path[] = "/proc/self/mountinfo";
    FILE *table = must_have(fopen(path, "re"), "read", path);
    char *line = NULL;
    size_t room = 0;
    struct mounted m;
    while (!h->directory && getline(&line, &room, table) > 0)
        if (mount_parse(line, &m))
            h->directory = directory_in(&m, h);
    free(line);
    fclose(table);
    h->is_root = !strcmp(h->path, "/");
}

enum { MOST = sizeof((struct cgroups *)0)->one / sizeof(struct cgroup) };

/* Those of a process: "/proc/self/cgroup". */
static int hierarchies(const char *path, struct hierarchy found[MOST]) {
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    int count = 0;
    while (file && count < MOST && getline(&line, &room, file) > 0) {
        char *rest = line, *number = strsep(&rest, ":"), *names = strsep(&rest, ":");
        if (!rest)
            continue;
        rest[strcspn(rest, "\n")] = 0;
        found[count] = (struct hierarchy){.modern = !strcmp(number, "0"),
                                          .controllers = must_copy(names),
                                          .path = must_copy(rest)};
        find_directory(&found[count++]);
    }
    free(line);
    if (file)
        fclose(file);
    return count;
}

static int write_to(const char *directory, const char *name, const char *text) {
    char *path = must_print("%s/%s", directory, name);
    int result = small_file_write(path, text);
    free(path);
    return result;
}

static char *read_from(const char *directory, const char *name) {
    char *path = must_print("%s/%s", directory, name), text[4096];
    small_file_read(AT_FDCWD, path, text, sizeof text);
    free(path);
    return must_copy(text);
}

static const char PREFIX[] = "plash-";

/* What killed runs left: their locks are gone. A pid would not do, since a run may be in another
 * pid namespace. Groups that somebody is in the kernel keeps. */
static void sweep(const char *above) {
    DIR *dir = opendir(above);
    for (struct dirent *e; dir && (e = readdir(dir));) {
        if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) != 0)
            continue;
        int lock = openat(dirfd(dir), e->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (lock < 0)
            continue;
        if (flock(lock, LOCK_EX | LOCK_NB) == 0)
            unlinkat(dirfd(dir), e->d_name, AT_REMOVEDIR);
        close(lock);
    }
    if (dir)
        closedir(dir);
}

/* Lock a new group. Returns -1 if a sweep was faster, which takes it away. */
static int lock_new(const char *path) {
    struct stat ours, there;
    int lock = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (lock < 0)
        return -1;
    if (flock(lock, LOCK_EX | LOCK_NB) == 0 && fstat(lock, &ours) == 0 && stat(path, &there) == 0 &&
        ours.st_ino == there.st_ino)
        return lock;
    close(lock);
    return -1;
}

/* Make a directory for a group and lock it; or return -1 and errno. */
static int make_locked(const char *above, char **path) {
    enum { TRIES = 100 };
    for (int n = 0; n < TRIES; n++) {
        char *more = n ? must_print("-%d", n) : must_copy("");
        *path = must_print("%s/%s%d%s", above, PREFIX, getpid(), more);
        free(more);
        if (mkdir(*path, 0755) == 0) {
            int lock = lock_new(*path);
            if (lock >= 0)
                return lock;
            rmdir(*path);
        } else if (errno != EEXIST) { /* else that of a run in another pid namespace */
            break;
        }
    }
    return -1;
}

/* A new group in `above`; or -1 and errno. */
static int make(struct cgroups *c, const struct hierarchy *h, const char *above) {
    if (c->count == MOST) {
        errno = ENOSPC;
        return -1;
    }
    sweep(above);
    char *path;
    int lock = make_locked(above, &path);
    if (lock < 0)
        return -1;
    if (lists(h->controllers, "cpuset")) { /* of which a new group has none */
        write_to(path, "cpuset.cpus", read_from(above, "cpuset.cpus"));
        write_to(path, "cpuset.mems", read_from(above, "cpuset.mems"));
    }
    int procs = open(must_print("%s/cgroup.procs", path), O_WRONLY | O_CLOEXEC);
    if (procs < 0) {
        int error = errno;
        rmdir(path);
        close(lock);
        errno = error;
        return -1;
    }
    c->one[c->count++] = (struct cgroup){path, procs, lock};
    return 0;
}

/* Whether groups in this one have the controllers, or have them from now on. Only the root of all
 * hands them on while it has processes of its own: any other would become a group of threads. */
static bool hands_on(const char *directory, const struct limits *l) {
    static const char control[] = "cgroup.subtree_control";
    const char *const names[] = {l->memory ? "memory" : NULL, l->processes ? "pids" : NULL};
    char *on = read_from(directory, control);
    bool root = !*read_from(directory, "cgroup.type");
    for (int i = 0; i < 2; i++) {
        if (!names[i] || lists(on, names[i]))
            continue;
        if (!root && *read_from(directory, "cgroup.procs")) {
            errno = EBUSY;
            return false;
        }
        if (write_to(directory, control, must_print("+%s", names[i])) < 0)
            return false;
    }
    return true;
}

static char *parent_of(const char *directory) {
    char *up = must_copy(directory);
    *strrchr(up, '/') = 0;
    return up;
}

static _Noreturn void cannot_limit(const struct cgroups *c, const char *what, int error,
                                   const char *reason) {
    cgroups_remove(c);
    bool systemd = access("/run/systemd/system", F_OK) == 0;
    const char *remedy =
        geteuid() == 0 ? "If plash itself runs in a container, give the container a control group "
                         "that it may write to"
        : systemd      ? "Start it in a control group of your own: systemd-run --user --scope -p "
                         "Delegate=yes plash run ..."
                  : "Ask root for a control group (cgroup2) that you own, and start plash in it";
    fail((struct failure){.step = "limit",
                          .thing = what,
                          .error = error,
                          .reason = reason,
                          .remedy = remedy,
                          .hint = "cgroup"});
}

/* The last one made. What is limited is the image; the process that looks after it is in the group,
 * too. */
static void set(const struct cgroups *c, bool modern, const struct limits *l) {
    const char *path = c->one[c->count - 1].path;
    if (l->memory) {
        char *most = must_print("%" PRIu64, l->memory);
        if (write_to(path, modern ? "memory.max" : "memory.limit_in_bytes", most) < 0)
            cannot_limit(c, "the memory", errno, NULL);
        /* What is swapped out is not in addition to it. Some kernels do not count that. */
        write_to(path, modern ? "memory.swap.max" : "memory.memsw.limit_in_bytes",
                 modern ? "0" : most);
    }
    if (l->processes && write_to(path, "pids.max", must_print("%" PRIu64, l->processes + 1)) < 0)
        cannot_limit(c, "the number of processes", errno, NULL);
}

/* Beside the caller's group, which cannot hand anything on; but in the root of all. */
static bool limit_modern(struct cgroups *c, const struct hierarchy *h, const struct limits *l) {
    const char *above = h->is_root ? h->directory : parent_of(h->directory);
    if (!hands_on(above, l) || make(c, h, above) < 0)
        return false;
    set(c, true, l);
    return true;
}

static void limit(struct cgroups *c, const char *controller, const char *what,
                  const struct limits *l) {
    struct hierarchy all[MOST];
    int count = hierarchies(own, all);
    const struct hierarchy *modern = NULL;
    for (int i = 0; i < count; i++) {
        const struct hierarchy *h = all + i;
        if (h->modern)
            modern = h;
        if (!lists(h->controllers, controller) || !h->directory)
            continue;
        if (make(c, h, h->directory) < 0)
            cannot_limit(c, what, errno, NULL);
        bool memory = !strcmp(controller, "memory"); /* here each has groups of its own */
        set(c, false,
            &(struct limits){.memory = memory ? l->memory : 0,
                             .processes = memory ? 0 : l->processes});
        return;
    }
    if (!modern || !modern->directory)
        cannot_limit(c, what, 0, "control groups are not mounted here");
    if (!lists(read_from(modern->directory, "cgroup.controllers"), controller))
        cannot_limit(c, what, 0,
                     must_print("the control group %s has no controller for it", modern->path));
    if (!limit_modern(c, modern, l))
        cannot_limit(c, what, errno == EBUSY ? 0 : errno,
                     errno == EBUSY ? "other processes are in the control group here" : NULL);
}

struct cgroups cgroups_for(const struct limits *l) {
    struct cgroups c = {.count = 0};
    if (l->memory)
        limit(&c, "memory", "the memory", l);
    /* Of version 2 it is the same group, and limited already. */
    bool both = l->memory && c.count && access(must_print("%s/pids.max", c.one[0].path), F_OK) == 0;
    if (l->processes && !both)
        limit(&c, "pids", "the number of processes", &(struct limits){.processes = l->processes});
    return c;
}

static bool is_in(const struct cgroups *c, const char *directory) {
    for (int i = 0; i < c->count; i++) {
        char *above = parent_of(c->one[i].path), *beside = parent_of(directory);
        if (!strcmp(above, directory) || !strcmp(above, beside))
            return true;
    }
    return false;
}

bool cgroups_everywhere(struct cgroups *c) {
    struct hierarchy all[MOST];
    int count = hierarchies(own, all);
    bool everywhere = true;
    for (int i = 0; i < count; i++) {
        const struct hierarchy *h = all + i;
        if (h->directory && (is_in(c, h->directory) || make(c, h, h->directory) == 0))
            continue;
        /* What a plain user may not write to, nobody in the image may either. */
        everywhere &= geteuid() != 0 && (!h->directory || errno == EACCES || errno == EPERM);
    }
    return everywhere;
}

struct cgroups cgroups_of(pid_t pid, bool *everywhere) {
    struct hierarchy all[MOST];
    struct cgroups c = {.count = 0};
    char *path = must_print("/proc/%d/cgroup", pid);
    int count = hierarchies(path, all);
    free(path);
    *everywhere = true;
    for (int i = 0; i < count; i++) {
        const char *directory = all[i].directory, *name = strrchr(all[i].path, '/');
        if (!directory || !name || strncmp(name + 1, PREFIX, strlen(PREFIX)) != 0) {
            *everywhere &= geteuid() != 0 && (!directory || access(directory, W_OK) < 0);
            continue;
        }
        int procs = open(must_print("%s/cgroup.procs", directory), O_WRONLY | O_CLOEXEC);
        must(procs, "join the control group", directory);
        c.one[c.count++] = (struct cgroup){must_copy(directory), procs, -1};
    }
    return c;
}

void cgroups_enter(const struct cgroups *c) {
    for (int i = 0; i < c->count; i++) {
        if (write(c->one[i].procs, "0", 1) < 0)
            must(-1, "enter the control group", c->one[i].path);
        close(c->one[i].procs);
        if (c->one[i].lock >= 0)
            close(c->one[i].lock); /* who made it has it still */
    }
}

void cgroups_remove(const struct cgroups *c) {
    for (int i = 0; i < c->count; i++)
        rmdir(c->one[i].path);
}

uint64_t size_of_word(const char *option, const char *word) {
    static const char units[] = "KMGT";
    char *end;
    errno = 0;
    uint64_t n = strtoull(word, &end, 10);
    const char *unit = *end > ' ' ? strchr(units, *end & ~0x20) : NULL;
    unsigned power = unit ? 10 * (unsigned)(unit - units + 1) : 0;
    if (unit) /* M, MB or MiB */
        end += 1 + (end[1] == 'i') + (end[end[1] == 'i' ? 2 : 1] == 'B');
    if (*word < '0' || *word > '9' || *end || errno || !n || n > UINT64_MAX >> (power + 1))
        refuse("%s takes a size such as 512M or 2G, not: %s", option, word);
    return n << power;
}
