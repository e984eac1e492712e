#include "process/lifeline.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "base/options.h"

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
