#include "process/inherited.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

static mode_t callers_umask = 022;

void remember_umask(void) {
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
