#include "descriptors.h"

#include <string.h>
#include <sys/socket.h>

#include "must.h"

union control {
    char room[CMSG_SPACE(MOST_SENT * sizeof(int))];
    struct cmsghdr aligned;
};

void descriptors_send(int socket, const char *text, size_t length, const int *fds, size_t count) {
    union control control = {{0}};
    struct iovec bytes = {.iov_base = must_copy(text), .iov_len = length};
    struct msghdr message = {.msg_iov = &bytes,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = CMSG_SPACE(count * sizeof(int))};
    struct cmsghdr *head = &control.aligned; /* the first */
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(count * sizeof(int));
    memcpy(CMSG_DATA(head), fds, count * sizeof(int));
    if (sendmsg(socket, &message, MSG_NOSIGNAL) != (ssize_t)length)
        must(-1, "send descriptors to", "the caller");
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
