#include "onefile/server.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fdpass.h"
#include "fuse/server.h"

static const char step[] = "start a process that reads the image";

/* Nothing else stays open here that the app has: locks would outlive it. */
static void keep_two(int first, int second) {
    must(dup2(first, 0) < 0 ? -1 : dup2(second, 1), step, NULL);
    descriptors_close_all_but(-1);
}

static _Noreturn void be_server(struct squashfs *image, uint64_t root, int socket) {
    struct fuse_serving serving = {.image = image, .root = root};
    char owners;
    int device[MOST_SENT], null;
    setsid();
    must(chdir("/"), "enter", "/");
    keep_two(image->fd, socket);
    image->fd = 0;
    if (descriptors_receive(1, &owners, 1, device) != 1)
        _exit(0); /* it is not needed, or nobody is there any more */
    null = must(open("/dev/null", O_RDWR | O_CLOEXEC), step, NULL);
    dup2(null, 1);
    dup2(null, 2);
    serving.device = device[0];
    serving.owners = owners == 'o';
    _exit(fuse_serve(&serving));
}

struct server server_start(struct squashfs *image, uint64_t root) {
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), step, NULL);
    pid_t pid = must(fork(), step, NULL);
    if (pid == 0) {
        close(pair[0]);
        be_server(image, root, pair[1]);
    }
    close(pair[1]);
    return (struct server){pair[0], pid};
}

int server_mount(const struct server *s, const char *path, bool owners) {
    int device = fuse_mount(path, MS_NODEV);
    if (device < 0)
        return -1;
    descriptors_send(s->socket, owners ? "o" : "-", 1, &device, 1);
    close(device);
    return 0;
}

void server_over(const struct server *s) {
    if (s->socket < 0)
        return;
    close(s->socket);
    waitpid(s->pid, NULL, 0);
}
