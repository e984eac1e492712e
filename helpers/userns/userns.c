#include "userns/userns.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/small_file.h"
#include "userns/diagnosis.h"
#include "userns/idmap.h"
#include "userns/passwd.h"
#include "userns/subids.h"

const char *map_name(enum map map) {
    static const char *const names[] = {"none", "root", "full", "single"};
    return names[map];
}

bool unshare_forbidden(void) {
    const char *set = getenv("PLASH_NO_UNSHARE");
    return set && *set;
}

bool maps_every_id(const char *text) {
    unsigned long long from, to, count;
    return sscanf(text, "%llu %llu %llu", &from, &to, &count) == 3 && count == UINT32_MAX;
}

bool in_a_userns(void) {
    char text[128];
    int fd = open("/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0)
        return true; /* not mapped at all: certainly a new one */
    text[n] = 0;
    return !maps_every_id(text);
}

static struct identity none(struct failure f) {
    return (struct identity){
        .map = MAP_NONE, .why = f.reason ? f.reason : strerror(f.error), .failure = f};
}

/* NULL and why, for somebody without subordinate ids. */
static struct mapper *mapper_for_caller(const char **why) {
    struct account me;
    uid_t uid = geteuid();
    account_here(uid, &me);
    struct mapper *m = must_allocate(1, sizeof *m);
    m->uid = uid;
    m->gid = getegid();
    m->uids = subids_of("/etc/subuid", me.name, uid, m->uid, m->uid_ranges);
    m->gids = subids_of("/etc/subgid", me.name, uid, m->gid, m->gid_ranges);
    char *service = m->uids && m->gids ? NULL : subids_service();
    if (service && *me.name) {
        m->uids = subids_by_service(false, me.name, m->uid, m->uid_ranges);
        m->gids = subids_by_service(true, me.name, m->gid, m->gid_ranges);
    }
    if (m->uids && m->gids)
        return m;
    const char *name = *me.name ? me.name : "this uid";
    *why = service ? must_print("getsubids knows no subordinate %s of %s (source: %s)",
                                m->uids ? "gids" : "uids", name, service)
                   : must_print("%s has no subordinate ids in /etc/sub%s", name,
                                m->uids   ? "gid"
                                : m->gids ? "uid"
                                          : "uid and /etc/subgid");
    free(m);
    return NULL;
}

/* What userns_fork made of us. */
static struct {
    bool inside; /* of a user namespace; and who we were before */
    unsigned uid, gid;
    struct mapper *mapper; /* our parent, if it maps our ids */
    const char *why_none;
} born = {.why_none = ""};

static pid_t fork_into(unsigned long namespaces) {
#ifdef __s390x__
    return (pid_t)syscall(SYS_clone, 0, namespaces | SIGCHLD, 0, 0, 0);
#else
    return (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, 0, 0, 0, 0);
#endif
}

/* The child starts in its user namespace: its ids can be mapped while it makes the other
 * namespaces, and it need not wake this process. */
pid_t userns_fork(unsigned long also) {
    born.uid = geteuid();
    born.gid = getegid();
    bool inside = born.uid != 0 && !unshare_forbidden();
    struct mapper *m = inside ? mapper_for_caller(&born.why_none) : NULL;
    if (m)
        mapper_connect(m);
    pid_t pid = fork_into(also | (inside ? CLONE_NEWUSER : 0));
    if (pid < 0 && inside == !also) {
        /* Root of a container may be root in name only. And where nothing but a user namespace
         * was wanted, the child can do without, or say what is wrong. */
        inside = !inside;
        pid = fork_into(also | (inside ? CLONE_NEWUSER : 0));
    }
    if (pid < 0 && inside)
        fail(diagnosis_of_namespace("make a user namespace", errno));
    must(pid, "start a process", NULL);
    if (pid == 0) {
        born.inside = inside;
        born.mapper = m;
        if (m)
            mapper_is_parent(m);
    } else if (m) {
        mapper_serve(m, pid, inside);
    }
    return pid;
}

static struct becoming begin(int also) {
    struct becoming b = {.uid = born.inside ? born.uid : geteuid(),
                         .gid = born.inside ? born.gid : getegid(),
                         .now = {.map = MAP_ROOT, .why = ""}};
    if (unshare_forbidden()) {
        if (b.uid != 0)
            b.now = none((struct failure){.step = "make a user namespace",
                                          .error = EPERM,
                                          .reason = "PLASH_NO_UNSHARE is set",
                                          .remedy = "Unset it"});
        return b;
    }
    /* Real root needs none. Root of a container may be root in name only. */
    if (b.uid == 0 && !born.inside && (!also || unshare(also) == 0))
        return b;

    b.now = (struct identity){.map = MAP_SINGLE, .why = born.why_none};
    b.mapper = born.mapper;
    if (!b.mapper && !born.inside && (b.mapper = mapper_for_caller(&b.now.why)))
        mapper_start(b.mapper);
    born.mapper = NULL;

    if (unshare((born.inside ? 0 : CLONE_NEWUSER) | also) < 0) {
        int error = errno;
        if (b.mapper)
            mapper_finish(b.mapper);
        b.mapper = NULL;
        b.now = none(diagnosis_of_namespace("make a user namespace", error));
    } else if (b.mapper && !born.inside) {
        mapper_go(b.mapper);
    }
    return b;
}

static struct identity complete(struct becoming *b) {
    if (b->now.map != MAP_SINGLE)
        return b->now;
    bool uid_done = false, gid_done = false;
    if (b->mapper) {
        mapper_finish(b->mapper);
        uid_done = b->mapper->uid_done;
        gid_done = b->mapper->gid_done;
        b->now.why = must_copy(b->mapper->message);
        b->mapper = NULL;
        if (uid_done && gid_done)
            return b->now = (struct identity){.map = MAP_FULL, .why = ""};
    }

    /* Without subordinate ids the kernel lets us map ourselves and nobody else, and one
     * group only after giving up setgroups. */
    char line[32];
    if (!uid_done) {
        snprintf(line, sizeof line, "0 %u 1", b->uid);
        if (small_file_write("/proc/self/uid_map", line) < 0)
            return none(diagnosis_of_namespace("map the user's id into the user namespace", errno));
    }
    if (!gid_done) {
        snprintf(line, sizeof line, "0 %u 1", b->gid);
        if (small_file_write("/proc/self/setgroups", "deny") < 0 && errno != ENOENT)
            return none(diagnosis_of_namespace("give up setgroups in the user namespace", errno));
        if (small_file_write("/proc/self/gid_map", line) < 0)
            return none(
                diagnosis_of_namespace("map the group's id into the user namespace", errno));
    }
    return b->now;
}

struct identity userns_try(int also) {
    struct becoming b = begin(also);
    return complete(&b);
}

static void must_be(const struct identity *me) {
    if (me->map == MAP_NONE)
        fail(me->failure);
}

struct becoming userns_begin(int also) {
    struct becoming b = begin(also);
    must_be(&b.now);
    return b;
}

struct identity userns_complete(struct becoming *b) {
    struct identity me = complete(b);
    must_be(&me);
    return me;
}

enum map map_here(void) {
    char text[64];
    unsigned inside, outside, count;
    ssize_t length = small_file_read(AT_FDCWD, "/proc/self/uid_map", text, sizeof text);
    bool one = length > 0 && text[length - 1] == '\n' && strchr(text, '\n') == text + length - 1;
    return one && sscanf(text, "%u %u %u", &inside, &outside, &count) == 3 && count == 1
               ? MAP_SINGLE
               : MAP_ROOT;
}

char *ids_mapped(const char *path) {
    FILE *file = must_have(fopen(path, "re"), "read", path);
    char *all = must_copy("");
    unsigned number;
    while (fscanf(file, "%u", &number) == 1) {
        char *more = must_print("%s%s%u", all, *all ? ":" : "", number);
        free(all);
        all = more;
    }
    fclose(file);
    return all;
}
