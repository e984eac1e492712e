#include "process/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fdpass.h"
#include "process/inherited.h"
#include "process/procfs.h"

enum { GRACE_SECONDS = 5 };

struct keeping {
    const struct job *job;
    pid_t payload; /* 0 once it has ended */
    int status;
    bool stopped;
    unsigned stops;
    int socket, lifeline, children; /* -1 once closed */
    int proc, null;                 /* opened before the namespaces change */
    int gone;                       /* hangs up when all who came in have ended */
    bool ending, killing;
    bool behind;     /* nobody waits for us any more */
    bool has_guests; /* who came in by the door, though our payload has ended */
    bool cut;        /* the lifeline */
    struct timespec deadline;
};

static bool failed_to_begin; /* the payload, which shares our memory as long as it may fail */

static void report(const struct keeping *k, enum news news, int status) {
    struct report r = {news, status, !failed_to_begin};
    if (k->socket >= 0 && send(k->socket, &r, sizeof r, MSG_NOSIGNAL) < 0)
        return; /* the monitor has ended; poll reports that */
}

/* To each process that is our child now, of which `proc` knows; false if it does not. */
static bool signal_each_child(int proc, int sig, bool (*which)(int proc, const char *pid)) {
    char path[64], pid[32];
    snprintf(path, sizeof path, "self/task/%d/children", getpid());
    int fd = proc < 0 ? -1 : openat(proc, path, O_RDONLY | O_CLOEXEC);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    while (file && fscanf(file, "%31s", pid) == 1)
        if (!which || which(proc, pid))
            kill((pid_t)atol(pid), sig);
    if (file)
        fclose(file);
    return file;
}

void end_all_children(void) {
    int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    do
        signal_each_child(proc, SIGKILL, NULL); /* what they leave orphaned is ours next */
    while (wait(NULL) > 0 || errno == EINTR);
    if (proc >= 0)
        close(proc);
}

static bool is_stopped(int proc, const char *pid) {
    char text[512];
    const char *stat = process_stat(proc, pid, text, sizeof text);
    return stat && !strncmp(stat, " T", 2);
}

/* Orphans become children of this process: signalling all children, and again when one has ended,
 * reaches every descendant in the end. */
static void signal_children(const struct keeping *k, int sig, bool only_stopped) {
    if (k->job->own_pids) { /* whose first process can signal all others at once */
        kill(k->payload && sig != SIGKILL ? k->payload : -1, sig);
        return;
    }
    if (!signal_each_child(k->proc, sig, only_stopped ? is_stopped : NULL) && k->payload)
        kill(k->payload, sig); /* a kernel without that list: the payload at least */
}

/* But those who came in by the door, who are not ended with our payload. */
static void signal_ours(const struct keeping *k, int sig) {
    if (k->job->own_pids && k->job->visited && k->payload)
        kill(k->payload, sig);
    else
        signal_children(k, sig, false);
}

static void begin_ending(struct keeping *k, int sig) {
    if (!k->ending || sig == SIGKILL)
        signal_ours(k, sig);
    k->killing |= sig == SIGKILL;
    if (k->ending)
        return;
    k->ending = true;
    clock_gettime(CLOCK_MONOTONIC, &k->deadline);
    k->deadline.tv_sec += GRACE_SECONDS;
}

/* Milliseconds until patience ends; -1 for ever. */
static int patience(const struct keeping *k) {
    struct timespec now;
    if (!k->ending || k->killing)
        return -1;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long left =
        (k->deadline.tv_sec - now.tv_sec) * 1000 + (k->deadline.tv_nsec - now.tv_nsec) / 1000000;
    return left < 0 ? 0 : (int)left + 1;
}

static bool has_door(const struct keeping *k) {
    return k->job->visited && (k->payload || !k->job->own_pids);
}

/* Asked once: from now on only they can let others in. */
static bool guests_remain(const struct keeping *k) {
    if (!k->job->own_pids || !k->job->visited)
        return false;
    close(*k->job->present);
    struct pollfd gone = {.fd = k->gone};
    return poll(&gone, 1, 0) == 0;
}

/* True while we have children. */
static bool reap(struct keeping *k) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED)) > 0 ||
           (pid < 0 && errno == EINTR)) {
        if (pid < 0 || pid != k->payload)
            continue;
        k->stopped = WIFSTOPPED(status);
        if (WIFSTOPPED(status)) {
            k->stops++;
            k->status = status;
            report(k, STOPPED, status);
        } else if (!WIFCONTINUED(status)) {
            k->payload = 0;
            k->status = status;
            k->has_guests = guests_remain(k);
            if (k->has_guests)
                k->ending = k->killing = false;
            if (k->job->leaves_none && !k->has_guests)
                begin_ending(k, SIGKILL);
        }
    }
    if (pid == 0 && k->killing)
        signal_ours(k, SIGKILL);
    return pid == 0;
}

/* The payload has ended but something it started has not. Whoever called us must not wait
 * for that: nothing of theirs stays open here. */
static void stay_behind(struct keeping *k) {
    /* Jobs that a shell left stopped could never be continued. The kernel hangs such orphans
     * up, but does not see them as that while we are in their session. */
    if (!k->has_guests) {
        signal_children(k, SIGHUP, true);
        signal_children(k, SIGCONT, true);
    }
    report(k, LEFT_SOME, k->status);
    if (k->socket >= 0)
        close(k->socket);
    k->socket = -1;
    k->behind = true;
    if (k->lifeline >= 0)
        close(k->lifeline);
    k->lifeline = -1;
    setsid();
    for (int fd = 0; fd < 3; fd++)
        dup2(k->null, fd);
}

/* Continued, and ending at once, a process is for a moment nothing that could be waited for. */
static bool stays_stopped(struct keeping *k) {
    if (k->stopped)
        nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    reap(k);
    return k->stopped;
}

static void hear(struct keeping *k) {
    struct order o;
    ssize_t n = recv(k->socket, &o, sizeof o, 0);
    if (n == (ssize_t)sizeof o) {
        reap(k);
        /* A shell's `fg` continues the whole job, the payload with it. */
        bool late = o.signal == SIGCONT && (!k->stopped || o.stops != k->stops);
        if (k->payload && !late)
            kill(k->payload, o.signal);
        bool again = late && stays_stopped(k);
        if (k->payload && o.signal == SIGCONT)
            report(k, RESUMED, again ? k->status : 0);
    } else if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        close(k->socket);
        k->socket = -1;
        begin_ending(k, SIGKILL); /* the monitor was killed */
    }
}

static void watch(struct keeping *k) {
    while (reap(k) || k->has_guests) {
        if (!k->payload && !k->ending && !k->behind)
            stay_behind(k);
        struct pollfd fds[] = {
            {.fd = k->children, .events = POLLIN},
            {.fd = k->socket, .events = POLLIN},
            {.fd = k->lifeline, .events = POLLIN},
            {.fd = has_door(k) ? k->job->door : -1, .events = POLLIN},
            {.fd = k->has_guests ? k->gone : -1},
        };
        int n = poll(fds, 5, patience(k));
        if (n == 0)
            begin_ending(k, SIGKILL);
        if (n <= 0)
            continue;
        struct signalfd_siginfo info;
        if (fds[0].revents && read(k->children, &info, sizeof info) < 0)
            continue;
        if (fds[4].revents) {
            k->has_guests = false;
            begin_ending(k, SIGKILL);
        }
        if (fds[3].revents)
            k->job->visited(k->job->of);
        if (fds[1].revents)
            hear(k);
        if (fds[2].revents) {
            char byte;
            if (read(k->lifeline, &byte, 1) <= 0) {
                close(k->lifeline);
                k->lifeline = -1;
                k->cut = true;
                begin_ending(k, SIGTERM);
            }
        }
    }
}

struct birth {
    const struct job *job;
    pid_t keeper;
};

static void note_failure(void) {
    failed_to_begin = true;
}

static int payload_main(void *of) {
    struct birth *b = of;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != b->keeper)
        _exit(1); /* killed before we could ask to be told */
    on_failure(note_failure);
    behave_like_a_program();
    b->job->payload(b->job->of);
    _exit(1);
}

/* Like vfork, on a stack of its own: until it is another program the child shares our memory,
 * since copying the page tables takes as long as mounting the image. */
static pid_t start_payload(const struct job *job) {
    enum { STACK = 256 * 1024 };
    /* Of one that joins a pid namespace the parent is outside, and has no number. */
    struct birth b = {job, job->joins_pids ? 0 : getpid()};
    bool copied = job->own_memory;
#ifdef __SANITIZE_ADDRESS__
    copied = true; /* the sanitizer keeps notes of one stack a thread */
#endif
    pid_t pid;
    if (copied) {
        pid = fork();
        if (pid == 0)
            payload_main(&b);
    } else {
        char *stack = must_allocate(1, STACK);
        pid = clone(payload_main, stack + STACK, CLONE_VM | CLONE_VFORK | SIGCHLD, &b);
        free(stack);
    }
    return must(pid, "start a process", NULL);
}

/* Here, and not in the monitor before: that would hold it, too, until it gets to close it. */
static void make_presence(struct keeping *k) {
    int ends[2];
    if (!k->job->visited || k->job->joins)
        return;
    must(pipe2(ends, O_CLOEXEC), "make a pipe", NULL);
    k->gone = ends[0];
    *k->job->present = ends[1];
}

void keep(const struct job *job, int socket) {
    struct keeping k = {.job = job, .socket = socket, .lifeline = job->lifeline, .gone = -1};
    make_presence(&k);
    k.proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
    k.null = open("/dev/null", O_RDWR | O_CLOEXEC);
    must(prctl(PR_SET_CHILD_SUBREAPER, 1), "become the parent of orphans", NULL);
    if (job->prepare)
        job->prepare(job->of);

    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    k.children = must(signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK), "watch processes", NULL);
    k.payload = start_payload(job);
    callers_descriptors_close();
    if (job->started)
        job->started(job->of);
    watch(&k);

    if (job->tidy)
        job->tidy(job->of);
    if (job->alone && (k.socket < 0 || k.cut))
        job->alone(job->of);
    report(&k, ENDED, k.status);
    _exit(0);
}
