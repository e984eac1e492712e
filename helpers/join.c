#include "join.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "descriptors.h"
#include "must.h"

static const char step[] = "keep changes in";

/* Beside what the kernel has in work/, where nobody looks for anything. */
static struct sockaddr_un address_of(int directory) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "/proc/self/fd/%d/work/door", directory);
    return a;
}

/* Who may write to the directory may come in. Where there can be no socket nobody comes. */
static int open_door(int directory) {
    struct sockaddr_un a = address_of(directory);
    int door = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    unlinkat(directory, "work/door", 0); /* of somebody who was killed */
    if (door >= 0 &&
        (bind(door, (struct sockaddr *)&a, sizeof a) < 0 || listen(door, SOMAXCONN) < 0)) {
        close(door);
        door = -1;
    }
    return door;
}

enum { LOCK, DOOR, MOUNTS, USERS };

/* False if nobody is there any more, or not yet. */
static bool knock(struct changes *c, int directory, struct joining *j) {
    struct sockaddr_un a = address_of(directory);
    int fds[MOST_SENT], s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    size_t count = 0;
    if (s >= 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0)
        count = descriptors_receive(s, j->image, sizeof j->image, fds);
    if (s >= 0)
        close(s);
    if (count < MOUNTS + 1)
        return false;
    c->lock = fds[LOCK];
    j->door = fds[DOOR];
    j->mounts = fds[MOUNTS];
    j->users = count > USERS ? fds[USERS] : -1;
    return j->joined = true;
}

struct changes changes_take_or_join(const char *path, const struct image *image,
                                    struct joining *j) {
    enum { TRIES = 20 };
    struct changes c = {0};
    *j = (struct joining){.door = -1, .mounts = -1, .users = -1};
    int directory = must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), step, path);
    /* The first may be about to begin, or to end. */
    for (int i = 0; i < TRIES && !j->joined; i++) {
        if (changes_try_take(path, &c)) {
            memcpy(j->image, image->id, sizeof j->image);
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
    if (strcmp(j->image, image->id) != 0)
        fail((struct failure){
            .step = step,
            .thing = path,
            .reason = must_print("a run of image %s is using it, and this one is of image %s",
                                 j->image, image->id)});
    c.path = path;
    return c;
}

void join_offer(struct joining *j, enum map map) {
    if (j->door < 0 || j->joined)
        return;
    j->mounts = must(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), "open", "/proc");
    if (map != MAP_ROOT)
        j->users = must(open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC), "open", "/proc");
}

void join_answer(const struct joining *j, const struct changes *c) {
    int guest = accept4(j->door, NULL, NULL, SOCK_CLOEXEC);
    if (guest < 0)
        return;
    const int fds[MOST_SENT] = {
        [LOCK] = c->lock, [DOOR] = j->door, [MOUNTS] = j->mounts, [USERS] = j->users};
    descriptors_try_send(guest, j->image, sizeof j->image, fds,
                         j->users < 0 ? MOUNTS + 1 : USERS + 1);
    close(guest);
}

void join_enter(const struct joining *j) {
    static const char into[] = "join", what[] = "the run that uses the changes";
    if (j->users >= 0)
        must(setns(j->users, CLONE_NEWUSER), into, what);
    must(setns(j->mounts, CLONE_NEWNS), into, what);
}
