#include "process/launch.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/syscalls.h"

bool launch_or_fail;

#ifdef PLASH_LAUNCHER /* what CMakeLists.txt has made of launcher/launcher.c */
__asm__(".pushsection .rodata\n"
        "launcher_begins: .incbin \"" PLASH_LAUNCHER "\"\n"
        "launcher_ends: .popsection\n");
extern const char launcher_begins[] __attribute__((visibility("hidden")));
extern const char launcher_ends[] __attribute__((visibility("hidden")));
#else
static const char launcher_begins[1], *const launcher_ends = launcher_begins;
#endif

/* Make the launcher a sealed file in memory; or return -1. */
static int launcher(void) {
    size_t length = (size_t)(launcher_ends - launcher_begins);
    if (!length) {
        errno = ENOSYS;
        return -1;
    }
    int fd = (int)syscall(SYS_memfd_create, "plash",
                          MFD_CLOEXEC | MFD_ALLOW_SEALING | K_MEMFD_EXECUTABLE);
    if (fd < 0 && errno == EINVAL) /* before Linux 6.3 */
        fd = (int)syscall(SYS_memfd_create, "plash", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return -1;
    if (write(fd, launcher_begins, length) == (ssize_t)length &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
        return fd;
    close(fd);
    return -1;
}

/* Prepare the launcher's words, with its error message up to the reason. */
static void prepare_words(char **words, const char *path, const char *where) {
    char *what = must_print("%s in %s", path, where);
    struct json j;
    event_open(&j, "error");
    json_text(&j, "op", "run");
    json_text(&j, "path", what);
    words[0] = must_copy("plash");
    words[1] = must_copy(path);
    words[2] = status_fd < 0 ? must_copy("") : must_print("%d", status_fd);
    words[3] = error_begins("run", what);
    words[4] = must_print("%.*s,\"why\":\"", (int)j.length, j.text);
}

void launch(const char *path, char **argv, char **environment, const char *where) {
    enum { BEFORE = 5 };
    size_t count = 0;
    while (argv[count])
        count++;
    char **words = must_allocate(BEFORE + count + 1, sizeof *words);
    prepare_words(words, path, where);
    memcpy(words + BEFORE, argv, count * sizeof *words);
    int fd = launcher();
    if (fd >= 0) {
        if (status_fd >= 0)
            fcntl(status_fd, F_SETFD, 0); /* the launcher closes it on its exec */
        syscall(SYS_execveat, fd, "", words, environment, AT_EMPTY_PATH);
    }
    if (status_fd >= 0)
        fcntl(status_fd, F_SETFD, FD_CLOEXEC);
    if (!launch_or_fail)
        execve(path, argv, environment);
    exit_status_of_failure = errno == ENOENT ? 127 : 126;
    must(-1, "run", must_print("%s in %s", path, where));
    _exit(exit_status_of_failure);
}
