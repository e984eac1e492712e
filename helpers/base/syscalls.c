#include "base/syscalls.h"

#include <errno.h>

int k_openat2(int dir, const char *path, int flags, unsigned resolve) {
    struct k_open_how how = {.flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve};
    for (int tries = 0;; tries++) {
        int fd = (int)syscall(NR_OPENAT2, dir, path, &how, sizeof how);
        if (fd >= 0 || errno != EAGAIN || tries == 1000)
            return fd;
    }
}
