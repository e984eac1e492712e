#include "store/moving.h"

#include <fcntl.h>
#include <sys/file.h>

#include "base/fail.h"

int moving_begin(const struct store *s) {
    store_refuse_anothers(s);
    int fd = must(openat(s->fd, "index", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                  "open in the store", "index");
    int result;
    do
        result = flock(fd, LOCK_EX);
    while (result < 0 && errno == EINTR);
    must(result, "lock", "index");
    return fd;
}
