#include "userns/diagnosis.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/program.h"
#include "base/small_file.h"
#include "userns/passwd.h"
#include "userns/subids.h"

long kernel_setting(const char *path) {
    char text[32];
    bool known = small_file_read(AT_FDCWD, path, text, sizeof text) > 0;
    return known ? strtol(text, NULL, 10) : -1;
}

/* The kernel makes no user namespace in a chroot. Plain users may not look at the root of
 * process 1, but see whether their own is a mount; and if it is, only a seccomp filter gives
 * the same error. */
static bool in_a_chroot(void) {
    struct stat ours, first;
    if (stat("/", &ours) == 0 && stat("/proc/1/root/", &first) == 0)
        return ours.st_dev != first.st_dev || ours.st_ino != first.st_ino;
    FILE *f = fopen("/proc/self/mountinfo", "re");
    char *line = NULL, place[8];
    size_t room = 0;
    bool chrooted = f != NULL;
    while (f && getline(&line, &room, f) > 0)
        if (sscanf(line, "%*s %*s %*s %*s %7s", place) == 1 && !strcmp(place, "/"))
            chrooted = false;
    free(line);
    if (f)
        fclose(f);
    return chrooted || prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 0;
}

/* Ubuntu keeps user namespaces, or all they are good for, from programs without a profile. */
static char *apparmor_remedy(void) {
    char self[4096];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    self[n > 0 ? n : 0] = 0;
    return must_print("As root: sysctl kernel.apparmor_restrict_unprivileged_userns=0 (for all "
                      "programs), or for plash alone: printf 'abi <abi/4.0>,\\nprofile plash "
                      "\"%s\" flags=(unconfined) {\\n  userns,\\n}\\n' >/etc/apparmor.d/plash && "
                      "apparmor_parser -r /etc/apparmor.d/plash",
                      self);
}

const char *instead_of_namespaces;

static struct failure diagnosis(const char *step, int error) {
    struct failure f = {.step = step, .error = error};
    if (kernel_setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1 &&
        (error == EPERM || error == EACCES)) {
        f.reason = "AppArmor denies user namespaces to programs without a profile";
        f.remedy = apparmor_remedy();
        f.hint = "apparmor-userns";
    } else if (kernel_setting("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
        f.reason = "user namespaces are switched off for plain users";
        f.remedy = "As root: sysctl kernel.unprivileged_userns_clone=1";
        f.hint = "userns-disabled";
    } else if (kernel_setting("/proc/sys/user/max_user_namespaces") == 0) {
        f.reason = "user namespaces are switched off";
        f.remedy = "As root: sysctl user.max_user_namespaces=10000";
        f.hint = "userns-disabled";
    } else if (error == ENOSPC) {
        f.reason = "there are too many user namespaces, or they are nested too deeply";
        f.remedy = "As root: sysctl user.max_user_namespaces=10000";
        f.hint = "userns-disabled";
    } else if (error == EINVAL || error == ENOSYS) {
        f.reason = "this kernel has no user namespaces";
        f.remedy = "Use a kernel built with CONFIG_USER_NS=y";
        f.hint = "userns-disabled";
    } else if (error == EPERM && access("/proc/self", F_OK) < 0) {
        f.reason = "not permitted; why is unknown, since /proc is not mounted";
        f.remedy = "As root: mount -t proc proc /proc";
        f.hint = "no-proc";
    } else if (error == EPERM && in_a_chroot()) {
        f.reason = "the kernel does not allow user namespaces in a chroot";
        f.remedy =
            "Start plash outside, or enter the directory as root with `systemd-nspawn -D DIR` "
            "instead of chroot";
        f.hint = "in-chroot";
    } else if (error == EPERM) {
        f.reason = "not permitted here; a container's seccomp filter does that";
        f.remedy = "Start the container with --security-opt seccomp=unconfined, or work outside";
        f.hint = "seccomp";
    }
    return f;
}

struct failure diagnosis_of_namespace(const char *step, int error) {
    struct failure f = diagnosis(step, error);
    if (instead_of_namespaces)
        f.remedy = f.remedy ? must_print("%s. Else: %s", f.remedy, instead_of_namespaces)
                            : instead_of_namespaces;
    return f;
}

struct failure diagnosis_of_mounts(int error) {
    static const char step[] = "separate mounts from the host's";
    if (error == EPERM || error == EACCES)
        return diagnosis_of_namespace(step, error);
    struct failure f = {.step = step, .error = error};
    if (error == EINVAL) {
        f.reason = "/ is not a mount, as in a chroot";
        f.remedy = "As root: mount --bind DIR DIR, before chroot DIR";
        f.hint = "in-chroot";
    }
    return f;
}

/* Both programs, or neither, may change ids; NULL if nothing is wrong with this one. */
static const char *wrong_with(const char *name, const char **remedy) {
    const char *path = usual_program(name);
    struct stat st;
    struct statvfs fs;
    *remedy = NULL;
    if (!path || stat(path, &st) < 0) {
        *remedy = "As root: apt install uidmap (Debian, Ubuntu), or the package shadow or "
                  "shadow-utils (others)";
        return must_print("%s is not installed", name);
    }
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) {
        *remedy = "Start it without no_new_privs (of a container: --security-opt "
                  "no-new-privileges; of a systemd unit: NoNewPrivileges)";
        return must_print("no_new_privs is set, which keeps %s from becoming root", name);
    }
    bool raised = ((st.st_mode & S_ISUID) && st.st_uid == 0) ||
                  getxattr(path, "security.capability", NULL, 0) > 0;
    if (!raised) {
        *remedy = must_print("As root: chown root %s && chmod u+s %s", path, path);
        return must_print("%s has lost its setuid bit", path);
    }
    if (statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOSUID)) {
        *remedy = must_print("As root, mount the file system of %s without nosuid", path);
        return must_print("%s is on a file system mounted with nosuid", path);
    }
    return NULL;
}

static const char *give_ranges(const struct account *me, uid_t uid, bool uids, bool gids) {
    struct range r = subids_free(uid);
    if (!r.count)
        return "As root, make room in /etc/subuid and /etc/subgid: no 65536 ids are free";
    unsigned last = r.from + r.count - 1;
    struct account local;
    int passwd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    if (passwd >= 0 && account_in(passwd, NULL, uid, &local))
        return must_print("As root: usermod%s%s %s",
                          uids ? must_print(" --add-subuids %u-%u", r.from, last) : "",
                          gids ? must_print(" --add-subgids %u-%u", r.from, last) : "", local.name);
    /* usermod knows only those of /etc/passwd. */
    const char *name = *me->name ? me->name : must_print("%u", uid);
    return must_print("As root: echo '%s:%u:%u' | tee -a%s%s", name, r.from, r.count,
                      uids ? " /etc/subuid" : "", gids ? " /etc/subgid" : "");
}

struct failure diagnosis_of_single(const char *why) {
    struct failure f = {.step = "map subordinate ids", .reason = why, .hint = "no-subids"};
    struct account me;
    struct range ranges[MOST_RANGES];
    uid_t uid = geteuid();
    account_here(uid, &me);
    bool uids = subids_of("/etc/subuid", me.name, uid, uid, ranges) > 0;
    bool gids = subids_of("/etc/subgid", me.name, uid, getegid(), ranges) > 0;
    const char *service = subids_service();
    if (!service && !(uids && gids)) {
        const char *more, *ranges_first = give_ranges(&me, uid, !uids, !gids);
        bool also = wrong_with("newuidmap", &more) || wrong_with("newgidmap", &more);
        f.remedy = also ? must_print("%s. %s", ranges_first, more) : ranges_first;
        return f;
    }
    f.hint = "newuidmap";
    const char *wrong = wrong_with("newuidmap", &f.remedy);
    if (!wrong)
        wrong = wrong_with("newgidmap", &f.remedy);
    if (wrong)
        f.reason = wrong;
    else if (service)
        f.remedy = must_print("Ask the administrator for ids from %s (`getsubids %s` shows them)",
                              service, *me.name ? me.name : "NAME");
    else
        f.remedy = must_print("As root, correct the lines of %s in /etc/subuid and /etc/subgid",
                              *me.name ? me.name : "this uid");
    return f;
}
