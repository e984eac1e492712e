#include "verbs/recalling/calling.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/program.h"
#include "process/monitor.h"
#include "process/python_handover.h"
#include "store/store.h"
#include "verbs/verbs.h"

/* A verb may hand its words over with the program's name before them, as main has it. */
int call_verb(char **words) {
    int count = 0;
    while (words[count])
        count++;
    char **argv = must_allocate((size_t)count + 2, sizeof *argv);
    argv[0] = must_copy("plash");
    memcpy(argv + 1, words, ((size_t)count + 1) * sizeof *argv);
    verb_function *function = verb_named(words[0]);
    if (function)
        return function(count, argv + 1);
    hand_over(argv);
}

static volatile sig_atomic_t child;

/* What the terminal sends it sends to the child too: only what is meant for us is passed on. */
static void pass_on(int sig, siginfo_t *info, void *context) {
    (void)context;
    if (info->si_code != SI_KERNEL || sig == SIGHUP)
        kill((pid_t)child, sig);
}

/* We end when the child has, and as it did: it may have to tidy up first. */
static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };

static void watch_signals(void) {
    struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
    for (int i = 0; i < PASSED_ON; i++)
        sigaction(passed_on[i], &action, NULL);
}

static void read_all(int fd, char *text, size_t room) {
    size_t length = 0;
    ssize_t n;
    while ((n = read(fd, text + length, room - 1 - length)) != 0) {
        if (n < 0 && errno != EINTR)
            must(-1, "read the answer of", "a verb");
        length += n > 0 ? (size_t)n : 0;
        if (length == room - 1)
            break; /* no id is as long */
    }
    text[length] = 0;
}

char *image_of_verb(char **words) {
    int answer[2];
    char text[64];
    sigset_t all, before;
    must(pipe2(answer, O_CLOEXEC), "make a pipe", NULL);
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid_t pid = must(fork(), "start", words[0]);
    if (pid == 0) {
        sigprocmask(SIG_SETMASK, &before, NULL);
        dup2(answer[1], STDOUT_FILENO);
        exit(call_verb(words));
    }
    child = pid;
    watch_signals();
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(answer[1]);
    read_all(answer[0], text, sizeof text);
    close(answer[0]);
    int status = child_status(pid);
    if (status)
        exit(end_like(status));
    char *end = strchr(text, '\n');
    if (end && !end[1])
        *end = 0;
    if (!is_id(text))
        refuse("`%s` made no image", words[0]);
    return must_copy(text);
}
