#include "base/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void close_quietly(int fd) {
    int error = errno;
    close(fd);
    errno = error;
}

ssize_t small_file_read(int dir, const char *path, char *text, size_t room) {
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);
    if (fd >= 0)
        close_quietly(fd);
    text[n > 0 ? n : 0] = 0;
    return n;
}

int small_file_write(const char *path, const char *text) {
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t n = write(fd, text, strlen(text));
    close_quietly(fd);
    return n < 0 ? -1 : 0;
}
