/* plash — layered root filesystems: the verbs that need the kernel.
 *
 * Everything else is done by plashui, which lies beside this program. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "engine.h"
#include "handover.h"
#include "kernel.h"
#include "must.h"
#include "waiter.h"

static const struct {
    const char *name;
    verb_function *function;
} verbs[] = {
    {"run", verb_run},
    {"run:persist", verb_run_persist},
    {"mounted", verb_mounted},
    {"with-mount", verb_mounted},
    {"mount", verb_mount},
    {"umount", verb_umount},
    {"chroot", verb_chroot},
    {"sudo", verb_sudo},
    {"data", verb_data},
    {"nodepath", verb_nodepath},
    {"parent", verb_parent},
    {"id", verb_id},
    {"version", verb_version},
    {"help", verb_help},
    {"engine:probe", verb_engine_probe},
    {"engine:extract", verb_engine_extract},
    {"engine:usage", verb_engine_usage},
    {"engine:remove", verb_engine_remove},
    {"engine:commit", verb_engine_commit},
    {"engine:with", verb_engine_with},
    {"engine:mountfd", verb_engine_mountfd},
    {"engine:list", verb_engine_list},
    {"engine:read", verb_engine_read},
    {"engine:users", verb_engine_users},
    {"engine:guard", verb_engine_guard},
};

/* A descriptor 0, 1 or 2 that is closed would be taken by the first file we open, and a
 * message to "standard error" would end up in it. */
static void open_standard_descriptors(void) {
    int fd;
    do
        fd = must(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
    while (fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    close(fd);
}

/* Whatever the caller left open is not for what we start. Where the kernel is too old for
 * it (before 5.11), one by one. */
static void close_the_rest_on_exec(void) {
    if (k_close_range(3, ~0U, K_CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (int fd = 3; fd < 1024; fd++)
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int main(int argc, char **argv) {
    /* This program is not written to be trusted by one user and called by another. */
    if (geteuid() != getuid() || getegid() != getgid() || getauxval(AT_SECURE))
        refuse("plash must not be setuid, setgid or have file capabilities");
    open_standard_descriptors();
    close_the_rest_on_exec();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored, children could not be waited for */
    remember_umask();

    if (argc < 2)
        usage("VERB [WORDS...]   (plash help)", 1);
    const char *verb = argv[1];
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h"))
        verb = "help";
    if (!strcmp(verb, "--version") || !strcmp(verb, "-V"))
        verb = "version";
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verb, verbs[i].name)) {
            if (argc == 3 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))) {
                argv[2] = argv[1]; /* as if it were "help VERB" */
                argv[1] = must_copy("help");
                return verb_help(2, argv + 1);
            }
            return verbs[i].function(argc - 1, argv + 1);
        }
    hand_over(argv);
}
