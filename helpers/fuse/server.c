#include "fuse/server.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "fuse/answer.h"
#include "fuse/directory.h"

enum { FEWEST_THREADS = 2, MOST_THREADS = 4 };

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

/* One thread reads requests and answers them: going back and forth between threads takes longer
 * than most answers. Before it decodes a block it lets another one read. */
struct turn {
    pthread_mutex_t lock;
    pthread_cond_t free;
    bool taken, ended;
};
static struct turn turn = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false, false};
static _Thread_local bool has_turn;

static void take_turn(void) {
    pthread_mutex_lock(&turn.lock);
    while (turn.taken && !turn.ended)
        pthread_cond_wait(&turn.free, &turn.lock);
    has_turn = turn.taken = !turn.ended;
    pthread_mutex_unlock(&turn.lock);
}

static void give_turn(void) {
    if (!has_turn)
        return;
    pthread_mutex_lock(&turn.lock);
    has_turn = turn.taken = false;
    pthread_cond_signal(&turn.free);
    pthread_mutex_unlock(&turn.lock);
}

static void end_turns(void) {
    pthread_mutex_lock(&turn.lock);
    turn.ended = true;
    pthread_cond_broadcast(&turn.free);
    pthread_mutex_unlock(&turn.lock);
}

static void *work(void *of) {
    struct fuse_worker *w = of;
    for (;;) {
        if (!has_turn)
            take_turn();
        if (!has_turn)
            return NULL;
        ssize_t n = read(w->serving->device, w->request, MOST_REQUEST);
        if (n > 0)
            fuse_answer(w, (size_t)n);
        else if (n == 0 || (errno != EINTR && errno != EAGAIN && errno != ENOENT))
            break; /* ENODEV: it is not mounted any more */
    }
    end_turns();
    has_turn = false;
    return NULL;
}

static bool make_worker(struct fuse_worker *w, const struct fuse_serving *s,
                        struct fuse_stops *stops) {
    *w = (struct fuse_worker){
        .serving = s, .stops = stops, .request = malloc(MOST_REQUEST), .reply = malloc(MOST_READ)};
    return stops && w->request && w->reply;
}

static unsigned threads_for(const struct fuse_serving *s) {
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : FEWEST_THREADS;
    unsigned wanted = s->threads ? s->threads : n < FEWEST_THREADS ? FEWEST_THREADS : (unsigned)n;
    return wanted < MOST_THREADS ? wanted : MOST_THREADS;
}

int fuse_serve(const struct fuse_serving *s) {
    struct fuse_worker workers[MOST_THREADS];
    pthread_t thread[MOST_THREADS];
    unsigned wanted = threads_for(s), started = 0;
    struct fuse_stops *stops = fuse_stops();
    turn.taken = turn.ended = false;
    s->image->before_decoding = give_turn;
    if (!make_worker(&workers[0], s, stops))
        return ENOMEM;
    /* With fewer threads than wanted it is slower, and right. */
    while (started + 1 < wanted && make_worker(&workers[started + 1], s, stops) &&
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
