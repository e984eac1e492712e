#include "run/join.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fdpass.h"

static const char step[] = "keep changes in";

/* Beside what the kernel has in work/, where nobody looks for anything. */
static struct sockaddr_un address_of(int directory) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "/proc/self/fd/%d/work/door", directory);
    return a;
}

/* Who may write to the directory may come in. Where there can be no socket nobody comes.
 * All who are inside hear a knock and one of them opens: the others must not wait there. */
static int open_door(int directory) {
    struct sockaddr_un a = address_of(directory);
    int door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    unlinkat(directory, "work/door", 0); /* of somebody who was killed */
    if (door >= 0 &&
        (bind(door, (struct sockaddr *)&a, sizeof a) < 0 || listen(door, SOMAXCONN) < 0)) {
        close(door);
        door = -1;
    }
    return door;
}

enum { LOCK, DOOR, PRESENT, NAMESPACES };

/* Who answers says where we go, and with what: only for ourselves. */
static bool is_of_our_user(int socket) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 &&
           peer.uid == geteuid();
}

/* False if nobody is there any more, or not yet. */
static bool knock(struct changes *c, int directory, struct joining *j) {
    struct sockaddr_un a = address_of(directory);
    int fds[MOST_SENT], s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    size_t count = 0;
    if (s >= 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0 && is_of_our_user(s))
        count = descriptors_receive(s, (char *)&j->first, sizeof j->first, fds);
    if (s >= 0)
        close(s);
    if (count <= NAMESPACES || count > NAMESPACES + MOST_NAMESPACES)
        return false;
    c->lock = fds[LOCK];
    j->door = fds[DOOR];
    j->present = fds[PRESENT];
    j->count = (int)count - NAMESPACES;
    memcpy(j->namespaces, fds + NAMESPACES, (size_t)j->count * sizeof *fds);
    return j->joined = true;
}

static void check_alike(const char *path, const struct facts *ours, const struct facts *theirs) {
    struct failure f = {.step = step, .thing = path};
    if (theirs->store != ours->store)
        f.reason = "a run of an image of another store is using it";
    else if (strcmp(theirs->image, ours->image) != 0)
        f.reason = must_print("a run of image %s is using it, and this is a run of image %s",
                              theirs->image, ours->image);
    else if (theirs->isolated != ours->isolated)
        f.reason = must_print("a run that is %sisolated is using it, and this one is %s",
                              theirs->isolated ? "" : "not ", theirs->isolated ? "not" : "to be");
    if (f.reason)
        fail(f);
}

struct changes changes_take_or_join(const char *path, const struct facts *ours, struct joining *j) {
    enum { TRIES = 20 };
    struct changes c = {0};
    *j = (struct joining){.door = -1, .present = -1};
    int directory = must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), step, path);
    /* The first may be about to begin, or to end. */
    for (int i = 0; i < TRIES && !j->joined; i++) {
        if (changes_try_take(path, &c)) {
            j->first = *ours;
            j->door = unshare_forbidden() ? -1 : open_door(c.lock);
            close(directory);
            return c;
        }
        if (!knock(&c, directory, j))
            nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
    }
    close(directory);
    if (!j->joined)
        return changes_take(path); /* says who has it */
    check_alike(path, ours, &j->first);
    c.path = path;
    return c;
}

/* In the order in which they are entered: the rights to enter the others come with the first. */
static const char *const all[MOST_NAMESPACES] = {"user", "pid",    "ipc", "uts",
                                                 "net",  "cgroup", "mnt"};

void join_offer(struct joining *j, enum map map) {
    if (j->door < 0 || j->joined)
        return;
    j->first.user_namespace = map != MAP_ROOT;
    for (int i = 0; i < MOST_NAMESPACES; i++) {
        bool is_own = i == MOST_NAMESPACES - 1 || (i == 0 ? map != MAP_ROOT : j->first.isolated);
        if (is_own)
            j->namespaces[j->count++] =
                must(open(must_print("/proc/self/ns/%s", all[i]), O_RDONLY | O_CLOEXEC), "open",
                     "/proc/self/ns");
    }
}

pid_t number_outside(void) {
    char number[32];
    ssize_t n = readlink("/proc/self", number, sizeof number - 1);
    number[n > 0 ? n : 0] = 0;
    return (pid_t)atol(number);
}

void join_answer(const struct joining *j, const struct changes *c) {
    int guest = accept4(j->door, NULL, NULL, SOCK_CLOEXEC);
    if (guest < 0)
        return;
    int fds[MOST_SENT] = {[LOCK] = c->lock, [DOOR] = j->door, [PRESENT] = j->present};
    memcpy(fds + NAMESPACES, j->namespaces, (size_t)j->count * sizeof *fds);
    descriptors_try_send(guest, (const char *)&j->first, sizeof j->first, fds,
                         (size_t)(NAMESPACES + j->count));
    close(guest);
}

void join_enter(const struct joining *j) {
    for (int i = 0; i < j->count; i++)
        must(setns(j->namespaces[i], 0), "join", "the run that uses the changes");
}
