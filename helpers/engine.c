#include "engine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "must.h"
#include "overlay.h"
#include "status.h"

int lifeline_fd = -1;

int option_number(const char *option, const char *word) {
    char *end;
    long n = word ? strtol(word, &end, 10) : -1;
    if (!word || end == word || *end || n < 0 || n > 1 << 20) {
        exit_status_of_failure = 2;
        refuse("%s wants a number", option);
    }
    return (int)n;
}

int option_descriptor(const char *option, const char *word) {
    int fd = option_number(option, word);
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
        exit_status_of_failure = 2;
        refuse("%s %d: no such descriptor is open", option, fd);
    }
    return fd;
}

int common_option(int argc, char **argv, int *at) {
    const char *option = argv[*at], *value = *at + 1 < argc ? argv[*at + 1] : NULL;
    if (!strcmp(option, "--status-fd"))
        status_fd = option_descriptor(option, value);
    else if (!strcmp(option, "--lifeline-fd"))
        lifeline_fd = option_descriptor(option, value);
    else if (!strcmp(option, "--overlay-tier")) /* for tests: the way of an older kernel */
        overlay_first_tier = option_number(option, value);
    else
        return 0;
    *at += 2;
    return 1;
}

int engine_options(int argc, char **argv, int *threads, const char **take, const char **place,
                   const char **upper) {
    int at = 1;
    while (at < argc && argv[at][0] == '-' && argv[at][1]) {
        const char *option = argv[at], *value = at + 1 < argc ? argv[at + 1] : NULL;
        if (common_option(argc, argv, &at))
            continue;
        if (!strcmp(option, "--"))
            return at + 1;
        if (threads && !strcmp(option, "--threads"))
            *threads = option_number(option, value) ?: 1;
        else if (take && value && !strcmp(option, "--take"))
            *take = value;
        else if (place && value && !strcmp(option, "--at"))
            *place = value;
        else if (upper && value && !strcmp(option, "--upper"))
            *upper = value;
        else {
            exit_status_of_failure = 2;
            refuse("%s has no option %s, or it wants a value", argv[0], option);
        }
        at += 2;
    }
    return at;
}

static _Atomic int outcome;
enum { OPEN, FINISHED, CANCELLED };

static bool decide(int what) {
    int open = OPEN;
    return atomic_compare_exchange_strong(&outcome, &open, what) || open == what;
}

static void *lifeline(void *unused) {
    char byte;
    (void)unused;
    for (;;) {
        struct pollfd fds = {.fd = lifeline_fd, .events = POLLIN};
        poll(&fds, 1, -1);
        ssize_t n = read(lifeline_fd, &byte, 1);
        if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
            if (decide(CANCELLED))
                _exit(1);
            return NULL;
        }
    }
}

void finish_watching(void) {
    if (!decide(FINISHED))
        for (;;) /* the other thread is ending us */
            pause();
}

void watch_lifeline(void) {
    pthread_t thread;
    if (lifeline_fd >= 0 && pthread_create(&thread, NULL, lifeline, NULL) == 0)
        pthread_detach(thread);
}
