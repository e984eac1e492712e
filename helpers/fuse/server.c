#include "fuse/server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fuse/answer.h"
#include "fuse/directory.h"

enum { THREADS = 2, MOST_THREADS = 16 };

int fuse_mount(const char *where, unsigned long flags) {
    char options[128];
    int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device < 0)
        return -1;
    snprintf(options, sizeof options,
             "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other,default_permissions", device);
    if (mount("plash", where, "fuse", flags | MS_RDONLY, options) < 0) {
        int error = errno;
        close(device);
        errno = error;
        return -1;
    }
    return device;
}

static void *work(void *of) {
    struct fuse_worker *w = of;
    for (;;) {
        ssize_t n = read(w->serving->device, w->request, MOST_REQUEST);
        if (n > 0)
            fuse_answer(w, (size_t)n);
        else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != ENOENT))
            return NULL; /* ENODEV: it is not mounted any more */
    }
}

static bool make_worker(struct fuse_worker *w, const struct fuse_serving *s,
                        struct fuse_stops *stops) {
    *w = (struct fuse_worker){
        .serving = s, .stops = stops, .request = malloc(MOST_REQUEST), .reply = malloc(MOST_READ)};
    return stops && w->request && w->reply;
}

int fuse_serve(const struct fuse_serving *s) {
    struct fuse_worker workers[MOST_THREADS];
    pthread_t thread[MOST_THREADS];
    unsigned wanted = s->threads ? s->threads : THREADS, started = 0;
    struct fuse_stops *stops = fuse_stops();
    if (!make_worker(&workers[0], s, stops))
        return ENOMEM;
    /* With fewer threads than wanted it is slower, and right. */
    while (started + 1 < wanted && started + 1 < MOST_THREADS &&
           make_worker(&workers[started + 1], s, stops) &&
           pthread_create(&thread[started], NULL, work, &workers[started + 1]) == 0)
        started++;
    work(&workers[0]);
    for (unsigned i = 0; i <= started; i++) {
        if (i)
            pthread_join(thread[i - 1], NULL);
        free(workers[i].request);
        free(workers[i].reply);
    }
    fuse_stops_free(stops);
    return 0;
}
