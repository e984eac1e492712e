/* What GNU tar says, in LC_ALL=C. */
#pragma once

#include <pthread.h>

struct talk {
    int pipe; /* for tar to write to */
    void (*hear)(void *of, const char *line);
    void *of;
    int heard;
    int error; /* that ended the hearing */
    pthread_t thread;
};

/* From now on, in a thread, `hear` gets every line that is written to `pipe`: without the name of
 * tar before it, and without its farewell. */
void talk_begin(struct talk *t, void (*hear)(void *of, const char *line), void *of);

/* To be called when tar has ended. All is heard when this returns; fails if it was not. */
void talk_end(struct talk *t);
