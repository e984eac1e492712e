#include "process/exec.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "process/launch.h"

static _Noreturn void cannot_run(const char *word, const char *where, int error) {
    exit_status_of_failure = error == ENOENT ? 127 : 126;
    fail((struct failure){.step = "run",
                          .thing = must_print("%s in %s", *word ? word : "''", where),
                          .error = error,
                          .reason = error != ENOENT     ? NULL
                                    : strchr(word, '/') ? "there is no such file"
                                                        : "there is no such program"});
}

/* Check that a file can be executed: return 0 or an errno. */
static int cannot_be_run(const char *path) {
    struct stat st;
    if (stat(path, &st) < 0)
        return errno == ENOTDIR ? ENOENT : errno;
    return !S_ISREG(st.st_mode) || access(path, X_OK) < 0 ? EACCES : 0;
}

/* Find the program `word` as execvp(3) does, or fail. A file that cannot be executed takes
 * precedence over a directory that may not be entered, in what the error says. */
static char *program_named(const char *word, const char *where) {
    int error = ENOENT;
    if (strchr(word, '/')) {
        error = cannot_be_run(word);
        if (!error)
            return must_copy(word);
    } else if (*word) {
        const char *path = getenv("PATH");
        char *rest = must_copy(path ? path : "/bin:/usr/bin"), *directory;
        while ((directory = strsep(&rest, ":"))) {
            char *file = must_print("%s/%s", *directory ? directory : ".", word);
            int why = cannot_be_run(file);
            if (!why)
                return file;
            if (why != ENOENT && access(file, F_OK) == 0)
                error = why;
            free(file);
        }
    }
    cannot_run(word, where, error);
}

void become(char **argv, char **new_environment) {
    static const char here[] = "the host";
    environ = new_environment; /* execvp looks in its PATH */
    char *path = program_named(argv[0], here);
    execvp(path, argv); /* the path has a '/' */
    /* The kernel also reports "No such file" for a missing interpreter or loader of an existing
     * file. */
    exit_status_of_failure = errno == ENOENT ? 127 : 126;
    fail((struct failure){.step = "run",
                          .thing = must_print("%s in %s", path, here),
                          .error = errno,
                          .reason =
                              errno == ENOENT ? "its interpreter or loader is missing" : NULL});
}

void become_inside(char **argv, char **new_environment, const char *where) {
    environ = new_environment;
    launch(program_named(argv[0], where), argv, new_environment, where);
}

/* Execute the first usual shell that exists. Its name is put into argv[0] and argv[also]; `dash` is
 * put before it, "-" for a login shell. */
static _Noreturn void become_shell(const char *shell, const char *dash, char **argv, int also,
                                   char **new_environment, const char *where) {
    const char *const tries[] = {shell, "/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh"};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (!tries[i] || *tries[i] != '/')
            continue;
        argv[0] = argv[also] = must_print("%s%s", dash, strrchr(tries[i], '/') + 1);
        if (!cannot_be_run(tries[i]))
            launch(tries[i], argv, new_environment, where);
    }
    exit_status_of_failure = 127;
    refuse("there is no shell in %s: neither root's login shell, nor /bin/bash, nor /bin/sh",
           where);
}

void become_login_shell(const char *shell, char **new_environment, const char *where) {
    become_shell(shell, "-", (char *[]){NULL, NULL}, 0, new_environment, where);
}

void become_through_login_shell(const char *shell, char **command, char **new_environment,
                                const char *where) {
    size_t words = 0;
    while (command[words])
        words++;
    /* The shell itself reports a missing command, and its status. */
    char **argv = must_allocate(words + 6, sizeof *argv);
    char *const head[] = {NULL, must_copy("-l"), must_copy("-c"), must_copy("exec \"$@\""), NULL};
    memcpy(argv, head, sizeof head);
    memcpy(argv + 5, command, words * sizeof *command);
    become_shell(shell, "", argv, 4, new_environment, where);
}

char **host_shell(void) {
    static char *words[2];
    const char *shell = getenv("SHELL");
    words[0] = must_copy(shell && *shell ? shell : "/bin/sh");
    return words;
}

char **command_of(char **words) {
    return *words && !strcmp(*words, "--") ? words + 1 : words;
}
