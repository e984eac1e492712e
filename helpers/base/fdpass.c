#include "base/fdpass.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"

/* Return whether it was open. */
static bool close_if(int fd, bool ours, int but) {
    int flags = fcntl(fd, F_GETFD);
    if (flags >= 0 && fd > STDERR_FILENO && fd != but && ours == !!(flags & FD_CLOEXEC))
        close(fd);
    return flags >= 0;
}

/* Since Linux 6.2 the size of the list is how many are open. To ask for the first numbers until all
 * are found takes a tenth of the time that reading the list does. Return false if some are left. */
static bool close_counted(bool ours, int but) {
    struct stat st;
    off_t left = stat("/proc/self/fd", &st) == 0 ? st.st_size : 0;
    if (!left)
        return false;
    for (int fd = 0; left && fd < 1024; fd++)
        left -= close_if(fd, ours, but);
    return !left;
}

/* Return false if /proc, which lists the open descriptors, is not mounted. No other thread may open
 * any. */
static bool close_each(bool ours, int but) {
    if (close_counted(ours, but))
        return true;
    DIR *all = opendir("/proc/self/fd");
    if (!all)
        return false;
    for (struct dirent *e; (e = readdir(all));) {
        int fd = atoi(e->d_name); /* 0 of "." and ".." */
        if (fd != dirfd(all))
            close_if(fd, ours, but);
    }
    closedir(all);
    return true;
}

void callers_descriptors_close(void) {
    if (!close_each(false, -1))
        for (int fd = 0; fd < 256; fd++) /* the usual ones at least */
            close_if(fd, false, -1);
}

void our_descriptors_close(int but) {
    if (!close_each(true, but))
        must(-1, "close what is open for", "the command");
}

void callers_descriptors_keep_from_programs(void) {
    if (k_close_range(3, ~0U, K_CLOSE_RANGE_CLOEXEC) == 0)
        return;
    for (int fd = 3; fd < 1024; fd++) /* before Linux 5.11 */
        fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static void close_all(unsigned first, unsigned last) {
    if (first > last || k_close_range(first, last, 0) == 0)
        return;
    struct rlimit most; /* a caller may have had more of them, but not for us */
    if (getrlimit(RLIMIT_NOFILE, &most) < 0 || most.rlim_max > 1 << 20)
        most.rlim_max = 1 << 20;
    for (unsigned fd = first; fd <= last && fd < most.rlim_max; fd++)
        close((int)fd);
}

void descriptors_close_all_but(int kept) {
    unsigned last = kept <= STDERR_FILENO ? STDERR_FILENO : (unsigned)kept;
    close_all(STDERR_FILENO + 1, last - 1);
    close_all(last + 1, ~0U);
}

union control {
    char room[CMSG_SPACE(MOST_SENT * sizeof(int))];
    struct cmsghdr aligned;
};

bool descriptors_try_send(int socket, const char *text, size_t length, const int *fds,
                          size_t count) {
    union control control = {{0}};
    struct iovec bytes = {.iov_base = memcpy(must_allocate(1, length), text, length),
                          .iov_len = length};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = (socklen_t)CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *head = &control.aligned; /* the first */
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = (socklen_t)CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)length;
}

void descriptors_send(int socket, const char *text, size_t length, const int *fds, size_t count) {
    if (!descriptors_try_send(socket, text, length, fds, count))
        must(-1, "send descriptors to", "the caller");
}

size_t descriptors_receive(int socket, char *text, size_t length, int *fds) {
    union control control;
    struct iovec bytes = {.iov_base = text, .iov_len = length};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    if (recvmsg(socket, &message, MSG_CMSG_CLOEXEC) != (ssize_t)length)
        return 0;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (!head || head->cmsg_type != SCM_RIGHTS)
        return 0;
    size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof *fds;
    memcpy(fds, CMSG_DATA(head), count * sizeof *fds);
    return count;
}

bool descriptor_receive(int socket, int *fd) {
    char byte;
    union control control;
    struct iovec bytes = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    if (recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) < 0)
        return false;
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (!head || head->cmsg_type != SCM_RIGHTS || head->cmsg_len != CMSG_LEN(sizeof *fd))
        return false;
    memcpy(fd, CMSG_DATA(head), sizeof *fd);
    return true;
}
