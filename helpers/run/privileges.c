#include "run/privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/fdpass.h"
#include "base/rooted_path.h"
#include "base/small_file.h"
#include "process/launch.h"
#include "userns/passwd.h"

struct user user_inside(int root, const char *word, const char *where) {
    struct user u = {.home = "/", .shell = ""};
    struct account a;
    char *name = must_copy(word), *group = name;
    strsep(&group, ":");
    int passwd = inside_read(root, "etc/passwd");
    unsigned number = 0;
    bool by_number = !*name || is_number(name, &number);
    if (account_in(passwd, by_number ? NULL : name, number, &a)) {
        u.uid = a.uid;
        u.gid = a.gid;
        u.home = *a.home == '/' ? a.home : "/";
        u.shell = a.shell;
        u.count = groups_with(inside_read(root, "etc/group"), a.name, u.groups,
                              sizeof u.groups / sizeof *u.groups);
    } else if (by_number) {
        u.uid = number;
    } else {
        refuse("there is no user %s in %s", name, where);
    }
    if (group && *group && !is_number(group, &u.gid) &&
        !group_in(inside_read(root, "etc/group"), group, &u.gid))
        refuse("there is no group %s in %s", group, where);
    if (group && *group)
        u.count = 0; /* who names a group wants just that */
    free(name);
    return u;
}

/* The capabilities that docker gives, except for making device nodes: here no cgroup limits which
 * may be opened. Mounting is not among them: what is read-only stays read-only. */
static const uint64_t usual =
    1ULL << CAP_CHOWN | 1ULL << CAP_DAC_OVERRIDE | 1ULL << CAP_FOWNER | 1ULL << CAP_FSETID |
    1ULL << CAP_KILL | 1ULL << CAP_SETGID | 1ULL << CAP_SETUID | 1ULL << CAP_SETPCAP |
    1ULL << CAP_NET_BIND_SERVICE | 1ULL << CAP_NET_RAW | 1ULL << CAP_SYS_CHROOT |
    1ULL << CAP_AUDIT_WRITE | 1ULL << CAP_SETFCAP;

/* Raw sockets in the host's network would read along what others say. */
static uint64_t capabilities_within(const struct fence *f) {
    return f->host_network ? usual & ~(1ULL << CAP_NET_RAW) : usual;
}

static void bound_capabilities(uint64_t kept) {
    for (int i = 0; i < 64; i++)
        if (!(kept >> i & 1) && prctl(PR_CAPBSET_DROP, i) < 0 && errno == EINVAL)
            break; /* the kernel knows no more of them */
}

/* Those that were inheritable would come back with an exec, whatever the bounds. */
static void drop_capabilities(uint64_t kept) {
    static const char step[] = "give up privileges for", thing[] = "the command";
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2];
    must((int)syscall(SYS_capget, &header, data), step, thing);
    for (int i = 0; i < 2; i++) {
        data[i].permitted &= (uint32_t)(kept >> 32 * i);
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    must((int)syscall(SYS_capset, &header, data), step, thing);
}

static void must_become(int result, const char *what) {
    if (result < 0)
        fail(
            (struct failure){.step = "become the user asked for: set",
                             .thing = what,
                             .error = errno,
                             .reason = errno == EINVAL ? "it is beyond your subordinate ids" : NULL,
                             .remedy = errno == EINVAL ? "See /etc/subuid and /etc/subgid" : NULL});
}

/* In one more user namespace, in which the one id that we have, root's here, is that of the user.
 * Nobody but us is in the image yet who could use that /proc/self is ours for a moment. */
static void rename_root(const struct user *u) {
    static const char step[] = "become", thing[] = "the user asked for";
    must(unshare(CLONE_NEWUSER), step, thing);
    must(prctl(PR_SET_DUMPABLE, 1), step, thing);
    const char *uids = must_print("%u 0 1", u->uid), *gids = must_print("%u 0 1", u->gid);
    must(small_file_write("/proc/self/uid_map", uids), step, thing);
    must(small_file_write("/proc/self/gid_map", gids), step, thing);
    must(prctl(PR_SET_DUMPABLE, 0), step, thing);
}

void confine(const struct user *u, const struct fence *f) {
    static const char step[] = "limit", thing[] = "the command";
    uint64_t kept = f->renamed ? 0 : capabilities_within(f);
    if (f->renamed)
        rename_root(u);
    /* What is open here leads to the store and to the host, and what the image's names lead to
     * could be one of these even before the program has started. */
    if (f->callers_descriptors)
        our_descriptors_close(status_fd);
    else
        descriptors_close_all_but(status_fd);
    launch_or_fail = true;
    /* The caller's keys are in the session's keyring; a kernel without keys has none to hide. */
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    if (!f->may_become_others)
        must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), step, thing);
    if (f->only_root)
        seccomp_ignore_owners();
    seccomp_install(f->filter);
    bound_capabilities(kept);
    /* Not permitted where only one group has a name. */
    if (setgroups((size_t)u->count, u->groups) < 0 && errno != EPERM)
        must_become(-1, "the groups");
    must_become(setresgid(u->gid, u->gid, u->gid), "the group");
    must_become(setresuid(u->uid, u->uid, u->uid), "the user");
    drop_capabilities(kept);
}
