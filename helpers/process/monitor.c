#include "process/monitor.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/fdpass.h"
#include "base/program.h"
#include "process/inherited.h"
#include "process/keeper.h"
#include "process/terminal.h"
#include "userns/userns.h"

/* Every signal but those that are about us and our children, or that nobody can pass on. */
static sigset_t forwarded(void) {
    static const int not_for_payloads[] = {SIGCHLD, SIGCONT, SIGTTIN, SIGTTOU, SIGKILL, SIGSTOP};
    sigset_t set;
    sigfillset(&set);
    for (size_t i = 0; i < sizeof not_for_payloads / sizeof *not_for_payloads; i++)
        sigdelset(&set, not_for_payloads[i]);
    return set;
}

/* What the terminal sends it sends to the payload too (the same process group), so only
 * what somebody meant for us is passed on. A hang-up may be meant for the session's
 * leader alone; twice does no harm. */
static void pass_on(int socket, int signals) {
    struct order o = {0};
    struct signalfd_siginfo info;
    if (read(signals, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    o.signal = (int)info.ssi_signo;
    if (info.ssi_code == SI_KERNEL && o.signal != SIGHUP)
        return;
    if (send(socket, &o, sizeof o, MSG_NOSIGNAL) < 0)
        return; /* the keeper has gone; poll will say so */
}

/* Ctrl-Z stopped the payload. The monitor stops, too, and the shell that waits for it takes over.
 * `fg` or `bg` continues the monitor, which continues the payload. Until the keeper answers, a stop
 * that it reported may be over: another Ctrl-Z can stop the monitor here again, and `fg` continues
 * all. */
static void stop_too(int socket, int sig, unsigned stops) {
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, sig);
    /* The terminal sent us the same, which still waits: the two become one. */
    raise(sig);
    sigprocmask(SIG_UNBLOCK, &one, NULL);
    /* Here again when continued, or at once where nobody could continue us. */
    sigprocmask(SIG_BLOCK, &one, NULL);
    terminal_resumed();
    struct order o = {SIGCONT, stops};
    if (send(socket, &o, sizeof o, MSG_NOSIGNAL) < 0)
        return;
}

static void say_ended(int status) {
    struct json j;
    event_open(&j, "exit");
    json_number(&j, WIFSIGNALED(status) ? "signal" : "code",
                (uint64_t)(WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status)));
    event_send(&j);
}

int end_like(int status) {
    if (!WIFSIGNALED(status))
        return WEXITSTATUS(status);

    /* A shell prints "Killed" and sees 128+N only if we really die of it. */
    int sig = WTERMSIG(status);
    struct rlimit no_core = {0};
    setrlimit(RLIMIT_CORE, &no_core);
    behave_like_a_program();
    raise(sig);
    return 128 + sig;
}

int outcome_of(const struct job *job) {
    terminal_remember();
    sigset_t all, theirs = forwarded();
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);

    int pair[2], signals;
    signals = must(signalfd(-1, &theirs, SFD_CLOEXEC | SFD_NONBLOCK), "watch signals", NULL);
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), "make a socket pair", NULL);
    /* What the keeper leaves behind if it is killed is ours to end. */
    must(prctl(PR_SET_CHILD_SUBREAPER, 1), "become the parent of orphans", NULL);
    pid_t keeper = job->joins ? must(fork(), "start a process", NULL)
                              : userns_fork(job->own_pids ? CLONE_NEWPID : 0);
    if (keeper == 0) {
        close(pair[0]);
        close(signals);
        keep(job, pair[1]);
    }
    close(pair[1]);
    callers_descriptors_close();
    if (job->meanwhile)
        job->meanwhile(job->of);

    struct report r = {.news = STOPPED};
    bool known = false, resuming = false;
    unsigned stops = 0;
    while (!known) {
        struct pollfd fds[] = {{.fd = pair[0], .events = POLLIN},
                               {.fd = signals, .events = POLLIN}};
        if (poll(fds, 2, -1) < 0)
            continue;
        if (fds[1].revents)
            pass_on(pair[0], signals);
        if (!fds[0].revents)
            continue;
        ssize_t n = recv(pair[0], &r, sizeof r, 0);
        if (n != (ssize_t)sizeof r)
            break; /* the keeper ended without a word */
        known = r.news == ENDED || r.news == LEFT_SOME;
        stops += r.news == STOPPED;
        if (r.news == STOPPED ? !resuming : r.news == RESUMED && r.status) {
            stop_too(pair[0], WSTOPSIG(r.status), stops);
            resuming = true;
        } else if (r.news == RESUMED) {
            resuming = false;
        }
    }

    int status = !known || r.news == ENDED ? child_status(keeper) : 0;
    if (job->began)
        *job->began = known ? r.began : WIFSIGNALED(status);
    terminal_take_back();
    if (known) {
        status = r.status;
    } else {
        end_all_children();
        if (job->rescue)
            job->rescue(job->of);
    }
    prctl(PR_SET_CHILD_SUBREAPER, 0);
    if (known || WIFSIGNALED(status)) /* else the keeper said itself what went wrong */
        say_ended(status);
    return status;
}

int wait_for(const struct job *job) {
    return end_like(outcome_of(job));
}
