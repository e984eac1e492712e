#include "process/inherited.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

static mode_t callers_umask = 022;

/* Open /dev/null as each standard descriptor (0, 1, 2) that is closed. Otherwise the first file
 * that is opened gets its number, and a message to "standard error" ends up in that file. */
static void open_standard_descriptors(void) {
    int fd;
    do
        fd = must(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
    while (fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    close(fd);
}

void program_begins(const char *name) {
    /* It is not written to run with more rights than its caller has. */
    if (geteuid() != getuid() || getegid() != getgid() || getauxval(AT_SECURE))
        refuse("%s must not be setuid, setgid or have file capabilities", name);
    const char *debug = getenv("PLASH_DEBUG");
    errors_name_places = debug && *debug;
    open_standard_descriptors();
    signal(SIGPIPE, SIG_IGN);
    signal(SIGCHLD, SIG_DFL); /* if it is ignored, children cannot be waited for */
    callers_umask = umask(022);
}

mode_t umask_of_caller(void) {
    return callers_umask;
}

void behave_like_a_program(void) {
    umask(callers_umask);
    sigset_t none;
    sigemptyset(&none);
    struct sigaction hangup;
    bool nohup = sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler == SIG_IGN;
    for (int sig = 1; sig < NSIG; sig++)
        if (sig != SIGHUP || !nohup) /* nohup(1) means the program, not us */
            signal(sig, SIG_DFL);    /* fails for a few, which cannot be anything else */
    sigprocmask(SIG_SETMASK, &none, NULL);
}
