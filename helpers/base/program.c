#include "base/program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"

static char *program_in(const char *path, const char *name) {
    char *rest = must_copy(path), *directory;
    while ((directory = strsep(&rest, ":"))) {
        char *file = must_print("%s/%s", directory, name);
        if (access(file, X_OK) == 0)
            return file;
        free(file);
    }
    return NULL;
}

char *program_in_path(const char *name) {
    const char *path = getenv("PATH");
    return program_in(path ? path : "/usr/bin:/bin", name);
}

char *usual_program(const char *name) {
    char *found = program_in("/usr/bin:/bin:/usr/local/bin", name);
    return found ? found : program_in_path(name);
}

const char *tar_path(void) {
    /* Where tar is not GNU's, GNU's is called gtar. */
    static const char *const places[] = {"/usr/bin/gtar", "/usr/local/bin/gtar", "/usr/bin/tar",
                                         "/bin/tar", "/usr/local/bin/tar"};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        if (access(places[i], X_OK) == 0)
            return places[i];
    return "";
}

struct child child_start(const char *path, char *const *argv, int output) {
    struct child c = {.error = path ? 0 : ENOENT};
    int said[2];
    if (!c.error && pipe2(said, O_CLOEXEC) < 0)
        c.error = errno;
    if (c.error)
        return c;
    c.said = said[0];
    posix_spawn_file_actions_t to;
    c.error = posix_spawn_file_actions_init(&to);
    if (!c.error && output == STDOUT_FILENO) /* what it complains of is not for people */
        c.error = posix_spawn_file_actions_addopen(&to, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (!c.error)
        c.error = posix_spawn_file_actions_adddup2(&to, said[1], output);
    if (!c.error)
        c.error = posix_spawn(&c.pid, path, &to, NULL, argv, environ);
    close(said[1]);
    if (c.error)
        close(c.said);
    return c;
}

int child_status(pid_t pid) {
    int status = -1;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}
