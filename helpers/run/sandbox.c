#include "run/sandbox.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/environment.h"
#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "run/pseudo_fs.h"

const char *isolate_option(const struct isolation *i) {
    return i->network             ? "--net"
           : i->writable          ? "--rw"
           : i->may_become_others ? "--setuid"
           : i->seccomp           ? "--seccomp"
           : i->memory            ? "--memory"
           : i->processes         ? "--pids"
           : i->user              ? "-u"
           : i->directory         ? "-w"
           : i->hostname          ? "--hostname"
           : i->shared.count      ? "-v"
           : i->variables.count   ? "-e"
           : i->memories.count    ? "--tmpfs"
           : i->secrets.count     ? "--secret"
                                  : NULL;
}

int isolate_image(struct isolation *i, struct mounting *m) {
    m->setuid = i->may_become_others;
    return mount_image(m, &isolated_mountpoints);
}

void isolate_ready(struct isolation *i, const char *store) {
    if (unshare_forbidden())
        refuse("cannot isolate: PLASH_NO_UNSHARE is set. Unset it");
    int most = i->shared.count + i->memories.count + i->secrets.count;
    i->volumes = must_allocate((size_t)most + 1, sizeof *i->volumes);
    for (int v = 0; v < i->shared.count; v++)
        i->volumes[i->volume_count++] = volume_of(i->shared.words[v], i->folder);
    for (int v = 0; v < i->memories.count; v++)
        i->volumes[i->volume_count++] = volume_of_tmpfs(i->memories.words[v]);
    for (int v = 0; v < i->secrets.count; v++)
        i->volumes[i->volume_count++] = volume_of_secret(i->secrets.words[v]);
    if (i->memory)
        i->limits.memory = size_of_word("--memory", i->memory);
    i->limits.processes = i->processes;
    if (i->seccomp && strcmp(i->seccomp, "off") != 0)
        refuse("--seccomp takes only the word off, not: %s", i->seccomp);
    volumes_make(i->volumes, i->volume_count, store);
}

/* A namespace of users that is made inside could mount the control groups, and freeze or kill all
 * that is in the caller's. With the whole filter none is made; without, where the image has groups
 * of its own. */
void isolate_begin(struct isolation *i, pid_t joined) {
    bool everywhere;
    i->groups = joined ? cgroups_of(joined, &everywhere) : cgroups_for(&i->limits);
    i->fence = (struct fence){.may_become_others = i->may_become_others,
                              .host_network = i->network,
                              .filter = FILTER_WHOLE};
    if (!i->seccomp)
        return;
    if (!joined)
        everywhere = cgroups_everywhere(&i->groups);
    i->fence.filter = everywhere ? FILTER_TYPING : FILTER_NAMESPACES;
    if (i->fence.filter == FILTER_NAMESPACES)
        remark("--seccomp off: no namespaces can be made inside, since %s",
               joined ? "the run that is joined has no control groups of its own"
                      : "the image cannot have control groups of its own here");
}

void isolate_over(const struct isolation *i) {
    cgroups_remove(&i->groups);
}

/* The filter of a container may allow namespaces of one's own, but not to name them. */
static void take_host_name(struct isolation *i) {
    char name[256] = "";
    if (sethostname(i->hostname, strlen(i->hostname)) == 0)
        return;
    if (errno != EPERM || gethostname(name, sizeof name - 1) < 0)
        must(-1, "set the host name", i->hostname);
    remark("the host name stays %s: here it cannot be %s, as in some containers", name,
           i->hostname);
    i->hostname = must_copy(name);
}

/* What was not asked for is as the image wishes. */
void isolate_wish(struct isolation *i, const char *id) {
    if (!i->user)
        i->user = i->conf.user ? i->conf.user : "";
    if (!i->hostname)
        i->hostname = i->conf.hostname ? i->conf.hostname : must_print("plash-%s", id);
    if (!i->directory)
        i->directory = i->conf.directory ? i->conf.directory : "/";
    if (*i->directory != '/')
        refuse("the working directory must begin with a '/': %s", i->directory);
}

void isolate_settle(struct isolation *i, const char *id) {
    isolate_wish(i, id);
    take_host_name(i);
}

void isolate_loopback(void) {
    struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
    int s = must(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "make a socket", NULL);
    int started = ioctl(s, SIOCSIFFLAGS, &lo);
    if (started < 0 && errno == EPERM)
        remark("the image has no loopback network, as in containers without CAP_NET_ADMIN");
    else
        must(started, "start the loopback network of", "the image");
    close(s);
}

void isolate_find_user(struct isolation *i, int root) {
    i->who = user_inside(root, i->user, i->where);
    if (i->map != MAP_SINGLE || (!i->who.uid && !i->who.gid))
        return;
    i->fence.renamed = i->is_any_user;
    if (!i->is_any_user)
        fail((struct failure){
            .step = "run as user",
            .thing = i->user,
            .reason = "without subordinate ids only root exists in an image, and you have none",
            .remedy = "Use -u 0 to run it as root; `plash doctor` says how to get such ids",
            .hint = "subid-range"});
}

/* The places an image wants to write to: what it has there, as a mount of its own that stays
 * writable when all else is made read-only. */
static void keep_writable(const struct isolation *i, int root) {
    for (const char **path = i->conf.volumes; *path; path++) {
        if (**path != '/' || !(*path)[strspn(*path, "/")])
            continue;
        int spot = must(inside_reach(root, *path, true), "make a place in the image at", *path);
        int same = k_clone_tree(spot, "");
        attach(same, spot, *path);
        close(same);
    }
}

/* As the image means it, with all that is attached there. A link of /proc could lead to what this
 * process has open, which is the host's (CVE-2024-21626). */
int isolate_directory(int root, const char *path) {
    int fd = k_openat2(root, path, O_PATH | O_DIRECTORY, K_IN_ROOT | K_NO_MAGICLINKS);
    if (fd < 0)
        fail((struct failure){
            .step = "enter the directory",
            .thing = path,
            .error = errno,
            .reason = errno == ELOOP
                          ? "its links form a loop, or lead out of the image through /proc"
                          : NULL});
    return fd;
}

/* The image's own links are followed while nothing of the host is in it: they cannot lead to the
 * host. */
struct identity isolate_prepare(struct isolation *i, struct mounting *m) {
    cgroups_enter(&i->groups); /* the new namespace begins where we are */
    struct becoming me = userns_begin(CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
                                      (i->network ? 0 : CLONE_NEWNET));
    mounts_become_ours();
    if (!i->network)
        isolate_loopback();
    volumes_take(i->volumes, i->volume_count);
    struct identity whole = userns_complete(&me);
    i->map = whole.map;

    m->conf = &i->conf;
    int root = i->root(i, m);
    isolate_settle(i, m->image.id);
    root_attach(root, -1);
    if (m->rootfs && i->writable)
        surround_without_replacing(root);
    isolate_find_user(i, root);
    i->path = path_inside(inside_read(root, "etc/environment"));

    surround_with_memory(root);
    surround_with_devices(root);
    keep_writable(i, root);
    close(must(inside_reach(root, i->directory, true), "make the directory", i->directory));
    volumes_place(i->volumes, i->volume_count, root);
    if (!i->fence.renamed)
        volumes_own(i->volumes, i->volume_count, i->who.uid, i->who.gid);

    if (i->network && !i->own_names)
        surround_with_network(root);
    surround_with_kernel(root, !i->network);
    volumes_attach(i->volumes, i->volume_count);
    if (!i->writable)
        must(k_mount_limit(root, K_ATTR_RDONLY), "make read-only", i->where);
    root_enter(root, -1);
    i->place = isolate_directory(root, i->directory);
    /* From now on /proc/1/fd, which leads to the host and the store, is nobody's to open. */
    must(prctl(PR_SET_DUMPABLE, 0), "hide from", "the command");
    return whole;
}

void isolate_prepare_joined(struct isolation *i) {
    char name[256] = "";
    if (i->hostname || i->volume_count || i->memory || i->processes)
        remark("volumes, limits and the host name are those of the run that is joined");
    must(gethostname(name, sizeof name - 1), "read", "the host name");
    i->hostname = must_copy(name);
    if (!i->user)
        i->user = i->conf.user ? i->conf.user : "";
    if (!i->directory)
        i->directory = i->conf.directory ? i->conf.directory : "/";
    int root = must(open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "enter", "/");
    isolate_find_user(i, root);
    i->path = path_inside(inside_read(root, "etc/environment"));
    i->place = isolate_directory(root, i->directory);
    must(prctl(PR_SET_DUMPABLE, 0), "hide from", "the command");
}

/* Entrypoint and CMD; or Entrypoint and Cmd; or nothing. */
static char **words_of(const struct runconf *conf, char **command) {
    const char *const *lists[] = {conf->entrypoint, *command ? (const char **)command : conf->cmd};
    size_t n = 0;
    for (int l = 0; l < 2; l++)
        for (const char *const *word = lists[l]; *word; word++)
            n++;
    char **words = must_allocate(n + 1, sizeof *words);
    n = 0;
    for (int l = 0; l < 2; l++)
        for (const char *const *word = lists[l]; *word; word++)
            words[n++] = must_copy(*word);
    return words;
}

void isolate_become(struct isolation *i, char **command, bool login) {
    char **words = words_of(&i->conf, command);
    char **inside = environment_isolated(i->path, i->who.home, i->hostname, i->conf.environment,
                                         i->variables.words, i->variables.count);
    /* While still root: a directory of its own may be all the user can reach. */
    must(fchdir(i->place), "enter the directory", i->directory);
    confine(&i->who, &i->fence);
    if (!*words)
        become_login_shell(i->who.shell, inside, i->where);
    if (login)
        become_through_login_shell(i->who.shell, words, inside, i->where);
    become_inside(words, inside, i->where);
}
