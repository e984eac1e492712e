#include "store/disk_full.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/program.h"
#include "process/python_handover.h"

enum { NEXT_TO_NOTHING = 65536 }; /* bytes */

static _Noreturn void ask_plashui(const struct store *s, int answer) {
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nowhere, STDIN_FILENO);
    dup2(answer, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    setenv("PLASH_DATA", s->path, 1);
    hand_over_if_there((char *[]){must_copy("plash"), must_copy("engine:advice"), NULL});
    _exit(1);
}

/* plashui knows what the trash would free. Where it is not there, the verbs that free are named. */
const char *fulldisk_advice(const struct store *s) {
    char said[512];
    size_t length = 0;
    int ends[2];
    pid_t pid = pipe2(ends, O_CLOEXEC) < 0 ? -1 : fork();
    if (pid == 0)
        ask_plashui(s, ends[1]);
    if (pid > 0) {
        close(ends[1]);
        ssize_t n;
        while (length < sizeof said - 1 &&
               (n = read(ends[0], said + length, sizeof said - 1 - length)) > 0)
            length += (size_t)n;
        close(ends[0]);
        if (child_status(pid) != 0)
            length = 0;
    }
    said[length] = 0;
    said[strcspn(said, "\n")] = 0;
    return *said ? must_copy(said)
                 : "The disk is full: `plash trash --empty` or `plash shrink` makes room";
}

bool fulldisk_is(const struct store *s) {
    struct statvfs disk;
    return statvfs(s->path, &disk) == 0 && disk.f_bavail * disk.f_frsize < NEXT_TO_NOTHING;
}

static struct store store;

static const char *advice(void) {
    return fulldisk_advice(&store);
}

void fulldisk_advise(const struct store *s) {
    store = *s;
    on_full_disk(advice);
}
