/* plash — layered root filesystems: the verbs that need the kernel.
 *
 * plashui, installed beside this program, does everything else. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/fail.h"
#include "process/inherited.h"
#include "process/python_handover.h"
#include "verbs/recipe_stamp.h"
#include "verbs/verbs.h"

/* Open /dev/null as each standard descriptor (0, 1, 2) that is closed. Otherwise the first file
 * that is opened gets its number, and a message to "standard error" ends up in that file. */
static void open_standard_descriptors(void) {
    int fd;
    do
        fd = must(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
    while (fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    close(fd);
}

int main(int argc, char **argv) {
    /* It is not written to run with more rights than its caller has. */
    if (geteuid() != getuid() || getegid() != getgid() || getauxval(AT_SECURE))
        refuse("plash must not be setuid, setgid or have file capabilities");
    const char *debug = getenv("PLASH_DEBUG");
    errors_name_places = debug && *debug;
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* if it is ignored, children cannot be waited for */
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
    recipe_try(argc, argv);
    hand_over(argv);
}
