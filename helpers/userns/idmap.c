#include "userns/idmap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/program.h"

static const char *const names[] = {"newuidmap", "newgidmap"};

/* newuidmap PID 0 UID 1  1 FROM COUNT  … : inside, ids are given out in file order. */
static char **words_for(const char *name, pid_t target, unsigned own, const struct range *ranges,
                        int count) {
    char **argv = must_allocate((size_t)(3 * count + 6), sizeof *argv);
    int n = 0;
    argv[n++] = must_copy(name);
    argv[n++] = must_print("%d", target);
    argv[n++] = must_copy("0");
    argv[n++] = must_print("%u", own);
    argv[n++] = must_copy("1");
    uint64_t inside = 1;
    for (int i = 0; i < count && inside + ranges[i].count < UINT32_MAX; i++) {
        argv[n++] = must_print("%llu", (unsigned long long)inside);
        argv[n++] = must_print("%u", ranges[i].from);
        argv[n++] = must_print("%u", ranges[i].count);
        inside += ranges[i].count;
    }
    return argv;
}

/* Return -1 if it is not installed. (posix_spawn would first reset each signal, as the exec does.)
 */
static pid_t start(const char *program, char *const *argv, int errors) {
    pid_t pid = program ? vfork() : -1;
    if (pid == 0) {
        if (dup2(errors, STDERR_FILENO) < 0)
            _exit(1); /* that its end of the socket is open tells that it works on the map */
        execve(program, argv, environ);
        dprintf(STDERR_FILENO, "cannot start it: %s\n", strerror(errno));
        _exit(1);
    }
    return pid;
}

static bool was_told(int socket) {
    char go;
    ssize_t n;
    do
        n = read(socket, &go, 1);
    while (n < 0 && errno == EINTR);
    return n == 1; /* else there was no namespace to map */
}

static void map(const struct mapper *m, pid_t target) {
    char **argv[] = {words_for(names[0], target, m->uid, m->uid_ranges, m->uids),
                     words_for(names[1], target, m->gid, m->gid_ranges, m->gids)};
    pid_t pids[2];
    for (int i = 0; i < 2; i++) {
        pids[i] = start(m->programs[i], argv[i], m->other_sockets[i]);
        close(m->other_sockets[i]);
    }
    for (int i = 1; i >= 0; i--) /* the last one most likely ends last: it alone wakes us */
        if (pids[i] > 0)
            child_status(pids[i]);
}

void mapper_connect(struct mapper *m) {
    for (int i = 0; i < 2; i++) {
        int pair[2];
        must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "make a socket pair", NULL);
        m->sockets[i] = pair[0];
        m->other_sockets[i] = pair[1];
        m->programs[i] = usual_program(names[i]);
    }
}

static void close_both(const int *sockets) {
    close(sockets[0]);
    close(sockets[1]);
}

void mapper_serve(struct mapper *m, pid_t child, bool at_once) {
    close_both(m->sockets);
    if (at_once || was_told(m->other_sockets[0]))
        map(m, child);
    else
        close_both(m->other_sockets);
}

void mapper_is_parent(struct mapper *m) {
    close_both(m->other_sockets);
    m->pid = 0;
}

void mapper_start(struct mapper *m) {
    pid_t target = getpid();
    mapper_connect(m);
    m->pid = must(fork(), "start a process", NULL);
    if (m->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        mapper_serve(m, target, false);
        _exit(0);
    }
    close_both(m->other_sockets);
}

void mapper_go(struct mapper *m) {
    char go = 1;
    if (send(m->sockets[0], &go, 1, MSG_NOSIGNAL) < 0)
        return; /* it has died; mapper_finish will find out */
}

/* What a program said until it ended, in one line. */
static void hear(int socket, char *text, size_t room) {
    char more[200];
    ssize_t n;
    size_t length = 0;
    while ((n = read(socket, more, sizeof more)) > 0 || (n < 0 && errno == EINTR))
        for (ssize_t i = 0; i < n && length < room - 1; i++)
            text[length++] = more[i];
    text[length] = 0;
    text[strcspn(text, "\n")] = 0;
    close(socket);
}

void mapper_finish(struct mapper *m) {
    char said[2][200];
    /* Without mapper_go it reads the end of this, and ends. */
    shutdown(m->sockets[0], SHUT_WR);
    if (m->pid) /* once it is over, all is said: to wait for both would wake us twice */
        child_status(m->pid);
    for (int i = 1; i >= 0; i--)
        hear(m->sockets[i], said[i], sizeof said[i]);
    /* An id that is not mapped is shown as that of nobody, and ours are mapped to 0. */
    m->uid_done = geteuid() == 0;
    m->gid_done = getegid() == 0;
    int failed = m->uid_done ? 1 : 0;
    if (!m->programs[failed])
        snprintf(m->message, sizeof m->message, "%s is not installed (package uidmap or shadow)",
                 names[failed]);
    else
        snprintf(m->message, sizeof m->message, "%s failed: %s", names[failed],
                 *said[failed] ? said[failed] : "it gave no reason");
}
