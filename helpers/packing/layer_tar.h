/* The tar of a layer's directory: the same directory gives the same bytes, whoever reads it. */
#pragma once

#include <stdint.h>
#include <time.h>

enum layer_left_out {
    LEFT_SOCKET, /* which is nothing without its process */
    LEFT_NAME,   /* .wh.NAME: in the tar of a layer that means another thing */
    LEFT_LENGTH, /* a path that is longer than MOST_NAME */
    LEFT_KINDS
};

struct layer_tar {
    int root;    /* the directory: will be closed */
    int implied; /* a list as implied_notes.h has it, of directories that belong to layers below */
    int output;
    time_t latest; /* no time is later than this */

    struct left_out {
        uint64_t files;
        char *first;        /* path */
    } left_out[LEFT_KINDS]; /* out */
};

void layer_tar(struct layer_tar *l);
