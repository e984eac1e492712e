/* Reading the messages of GNU tar (run with LC_ALL=C). */
#pragma once

#include <pthread.h>

struct talk {
    int pipe; /* for tar to write to */
    void (*hear)(void *of, const char *line);
    void *of;
    int heard;
    int error; /* that ended the reading */
    pthread_t thread;
};

/* Make the pipe. */
void talk_begin(struct talk *t, void (*hear)(void *of, const char *line), void *of);

/* Start a thread that passes every line written to `pipe` to `hear`, without the leading "tar: "
 * and without the closing line. To be called by the monitor, in `meanwhile`. */
void talk_listen(struct talk *t);

/* Call this when tar has ended: wait until all lines are passed on, or fail. */
void talk_end(struct talk *t);
