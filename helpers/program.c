#include "program.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "must.h"

/* The kernel's "No such file" also stands for a script's missing interpreter or a missing
 * ld.so, which is puzzling with the file before one's eyes. */
static _Noreturn void cannot_run(const char *word, const char *where, int error) {
    struct failure f = {
        .step = "run", .thing = must_print("%s in %s", word, where), .error = error};
    exit_status_of_failure = error == ENOENT ? 127 : 126;
    if (error == ENOENT && strchr(word, '/') && access(word, F_OK) == 0) {
        f.reason = "its interpreter or loader is not there";
        exit_status_of_failure = 126;
    } else if (error == ENOENT) {
        f.reason = strchr(word, '/') ? "there is no such file" : "there is no such program";
    }
    fail(f);
}

void become(char **argv, char **new_environment, const char *where) {
    environ = new_environment; /* execvp looks in its PATH */
    if (!*argv[0]) {
        errno = ENOENT;
        cannot_run("''", where, ENOENT);
    }
    execvp(argv[0], argv);
    /* ENOTDIR comes from a PATH entry that is a file. */
    cannot_run(argv[0], where, errno == ENOTDIR ? ENOENT : errno);
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static _Noreturn void no_shell(const char *where) {
    exit_status_of_failure = 127;
    refuse("there is no shell in %s: neither root's login shell, nor /bin/bash, nor /bin/sh",
           where);
}

void become_login_shell(const char *shell, char **new_environment, const char *where) {
    const char *const tries[] = {shell, "/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh"};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (!tries[i] || *tries[i] != '/')
            continue;
        char *argv[] = {must_print("-%s", base_name(tries[i])), NULL};
        execve(tries[i], argv, new_environment);
    }
    no_shell(where);
}

void become_through_login_shell(const char *shell, char **command, char **new_environment,
                                const char *where) {
    const char *const tries[] = {shell, "/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh"};
    size_t words = 0;
    while (command[words])
        words++;
    /* The shell itself says what is not found, and with which status. */
    char **argv = must_allocate(words + 6, sizeof *argv);
    char *const head[] = {NULL, must_copy("-l"), must_copy("-c"), must_copy("exec \"$@\""), NULL};
    memcpy(argv, head, sizeof head);
    memcpy(argv + 5, command, words * sizeof *command);
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (!tries[i] || *tries[i] != '/')
            continue;
        argv[0] = argv[4] = must_copy(base_name(tries[i]));
        execve(tries[i], argv, new_environment);
    }
    no_shell(where);
}

char **host_shell(void) {
    static char *words[2];
    const char *shell = getenv("SHELL");
    words[0] = must_copy(shell && *shell ? shell : "/bin/sh");
    return words;
}

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
