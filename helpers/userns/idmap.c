#include "userns/idmap.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/program.h"

struct verdict {
    bool uid_done, gid_done;
    char message[256];
};

/* newuidmap PID 0 UID 1  1 FROM COUNT  … : inside, ids are given out in file order. */
static struct child write_map(const char *name, pid_t target, unsigned own,
                              const struct range *ranges, int count) {
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

    return child_start(usual_program(name), argv, STDERR_FILENO);
}

/* True if it did its work; else what it said, in one line, is the reason. */
static bool finished(const char *name, const struct child *c, char *message, size_t room) {
    char text[200];
    ssize_t n, length = 0;
    if (c->error == ENOENT)
        snprintf(message, room, "%s is not installed (package uidmap or shadow)", name);
    else if (c->error)
        snprintf(message, room, "cannot start %s: %s", name, strerror(c->error));
    if (c->error)
        return false;
    while ((n = read(c->said, text + length, sizeof text - 1 - (size_t)length)) > 0)
        length += n;
    text[length] = 0;
    text[strcspn(text, "\n")] = 0;
    if (child_status(c->pid) == 0)
        return true;
    snprintf(message, room, "%s failed: %s", name, *text ? text : "it gave no reason");
    return false;
}

static bool was_told(int socket) {
    char go;
    ssize_t n;
    do
        n = read(socket, &go, 1);
    while (n < 0 && errno == EINTR);
    return n == 1; /* else there was no namespace to map */
}

static void map(const struct mapper *m, int socket, pid_t target) {
    struct verdict v = {0};
    struct child u = write_map("newuidmap", target, m->uid, m->uid_ranges, m->uids);
    struct child g = write_map("newgidmap", target, m->gid, m->gid_ranges, m->gids);
    v.gid_done = finished("newgidmap", &g, v.message, sizeof v.message);
    v.uid_done = finished("newuidmap", &u, v.message, sizeof v.message);
    if (write(socket, &v, sizeof v) < 0)
        return; /* it has died */
}

void mapper_connect(struct mapper *m) {
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), "make a socket pair", NULL);
    m->socket = pair[0];
    m->other_socket = pair[1];
}

void mapper_serve(struct mapper *m, pid_t child, bool at_once) {
    close(m->socket);
    if (at_once || was_told(m->other_socket))
        map(m, m->other_socket, child);
    close(m->other_socket);
}

void mapper_is_parent(struct mapper *m) {
    close(m->other_socket);
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
    close(m->other_socket);
}

void mapper_go(struct mapper *m) {
    char go = 1;
    if (write(m->socket, &go, 1) < 0)
        return; /* it has died; mapper_finish will find out */
}

void mapper_finish(struct mapper *m) {
    struct verdict v;
    ssize_t n;
    /* Without mapper_go it reads the end of this, and ends. */
    shutdown(m->socket, SHUT_WR);
    if (m->pid) /* once it is over, its verdict is there: to wait for both would wake us twice */
        child_status(m->pid);
    do
        n = read(m->socket, &v, sizeof v);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof v)
        v = (struct verdict){.message = "the process that maps ids died"};
    m->uid_done = v.uid_done;
    m->gid_done = v.gid_done;
    memcpy(m->message, v.message, sizeof m->message);
    close(m->socket);
}
