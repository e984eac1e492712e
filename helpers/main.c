/* plash — layered root filesystems: the verbs that need the kernel.
 *
 * Everything else is done by plashui, which lies beside this program. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/fail.h"
#include "process/inherited.h"
#include "process/python_handover.h"
#include "verbs/verbs.h"

/* A descriptor 0, 1 or 2 that is closed would be taken by the first file we open, and a
 * message to "standard error" would end up in it. */
static void open_standard_descriptors(void) {
    int fd;
    do
        fd = must(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
    while (fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    close(fd);
}

int main(int argc, char **argv) {
    /* This program is not written to be trusted by one user and called by another. */
    if (geteuid() != getuid() || getegid() != getgid() || getauxval(AT_SECURE))
        refuse("plash must not be setuid, setgid or have file capabilities");
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* ignored, children could not be waited for */
    remember_umask();

    if (argc < 2)
        usage("VERB [WORDS...]   (plash help)", 1);
    verbs_are(verb_table);
    const char *verb = argv[1];
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h"))
        verb = "help";
    if (!strcmp(verb, "--version") || !strcmp(verb, "-V"))
        verb = "version";
    verb_function *function = verb_named(verb);
    if (function && argc == 3 && (!strcmp(argv[2], "--help") || !strcmp(argv[2], "-h"))) {
        argv[2] = argv[1]; /* as if it were "help VERB" */
        argv[1] = must_copy("help");
        return verb_help(2, argv + 1);
    }
    if (function)
        return function(argc - 1, argv + 1);
    hand_over(argv);
}
