#include "onefile/filler.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fdpass.h"
#include "base/syscalls.h"
#include "onefile/cache.h"
#include "onefile/contents.h"

static const char step[] = "start a process that unpacks";

enum { LONGEST_REASON = 1000 };

static bool tell(int result, const char *why) {
    return write(result, why, strnlen(why, LONGEST_REASON) + 1) > 0;
}

/* A child of the guard: it says why there is no copy, or nothing, and a NUL. */
static _Noreturn void fill(struct contents *c, enum map map, bool waits, int result) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const char *why = cache_fill(c, map, waits);
    _exit(!tell(result, why ? why : ""));
}

/* Wait until the child has ended; return false if whoever started us has, without leave to go on.
 */
static bool guard(pid_t child, int lifeline) {
    struct pollfd ends[] = {{.fd = must(k_pidfd_open(child), step, NULL), .events = POLLIN},
                            {.fd = lifeline, .events = POLLIN}};
    while (!ends[0].revents) {
        char leave;
        if (poll(ends, 2, -1) > 0 && ends[1].revents) {
            if (read(lifeline, &leave, 1) <= 0 && !ends[0].revents)
                return false;
            ends[1].fd = -1;
        }
    }
    return true;
}

static _Noreturn void be_guard(struct contents *c, bool beside, int lifeline, int result) {
    setsid();
    /* Nothing else stays open here that the app has: locks would outlive it. */
    must(dup2(c->fd, 0) < 0 ? -1 : dup2(lifeline, 1), step, NULL);
    descriptors_close_all_but(result);
    c->fd = c->image.fd = 0;
    lifeline = 1;
    /* What goes wrong is told by `result`, or it is tried again, or done without. */
    dup2(must(open("/dev/null", O_RDWR | O_CLOEXEC), step, NULL), 2);
    must(chdir("/"), "enter", "/");
    if (beside && nice(15) < 0)
        _exit(1);
    /* As whoever mounts it will be: root of a container may be root in name only. */
    struct identity me = userns_try(CLONE_NEWNS);
    if (me.map == MAP_NONE) {
        const struct failure *f = &me.failure;
        tell(result,
             must_print("cannot %s: %s", f->step, f->reason ? f->reason : strerror(f->error)));
        _exit(1);
    }
    pid_t child = must(fork(), step, NULL);
    if (child == 0)
        fill(c, me.map, !beside, result);
    close(result);
    if (guard(child, lifeline))
        _exit(0);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    cache_remove_half(c, me.map);
    _exit(1);
}

struct filler filler_start(struct contents *c, bool beside) {
    int life[2], result[2];
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life), step, NULL);
    must(pipe2(result, O_CLOEXEC), step, NULL);
    pid_t between = must(fork(), step, NULL);
    if (between == 0) {
        close(life[1]);
        close(result[0]);
        /* Not our child, which the monitor of the app would end with all others. */
        if (must(fork(), step, NULL) == 0)
            be_guard(c, beside, life[0], result[1]);
        _exit(0);
    }
    waitpid(between, NULL, 0);
    close(life[0]);
    close(result[1]);
    return (struct filler){life[1], result[0]};
}

static void show(const char *name, unsigned percent) {
    static const char bar[] = "##############################";
    int width = (int)sizeof bar - 1, n = (int)percent * width / 100;
    fprintf(stderr, "\runpacking %s, once: [%.*s%*s] %u%%", name, n, bar, width - n, "", percent);
}

bool filler_wait(const struct filler *f, const struct contents *c, const char *name,
                 const char **reason) {
    static char why[LONGEST_REASON + 2];
    bool shown = false, shows = isatty(STDERR_FILENO);
    struct pollfd end = {.fd = f->result, .events = POLLIN};
    size_t n = 0;
    for (ssize_t more = 1; more > 0;) {
        if (poll(&end, 1, 300) > 0) {
            more = read(f->result, why + n, LONGEST_REASON + 1 - n);
            n += more > 0 ? (size_t)more : 0;
        } else if (shows) {
            show(name, contents_unpacked(c));
            shown = true;
        }
    }
    if (shown)
        fputs("\r\033[K", stderr);
    close(f->result);
    close(f->lifeline);
    *reason = *why ? why : NULL;
    return n; /* else it was killed before it could say anything */
}

void filler_let_go_on(const struct filler *f) {
    if (f->lifeline >= 0 && send(f->lifeline, "g", 1, MSG_NOSIGNAL) < 0)
        return; /* it has ended */
}
