/* The bytes of an archive: an input that is read in big pieces, and an output that is written in
 * such. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct output {
    int fd;
    const char *name; /* for messages */
    unsigned char *buffer;
    size_t used;
    void (*unwritable)(void); /* what to do first if it cannot be written; or NULL */
};

void output_open(struct output *o, int fd, const char *name);
void output_put(struct output *o, const void *bytes, size_t count);
void output_flush(struct output *o);

/* Put so many bytes of the file of this name, from `offset` on. Returns false if it has less. */
bool output_copy(struct output *o, int fd, const char *name, uint64_t offset, uint64_t count);

struct input {
    int fd;
    unsigned char *buffer;
    const unsigned char *at, *end; /* what was read and not taken */
    uint64_t before;               /* bytes of the archive before `buffer` */
    struct output *copy;           /* gets all that is taken, but not the pieces; or NULL */
};

void input_open(struct input *in, int fd, struct output *copy);

/* How many bytes were taken so far. */
uint64_t input_position(const struct input *in);

/* Take exactly `count` bytes; `space` has room for them. Returns NULL at the end of the archive;
 * fails if it ends in the middle. */
const unsigned char *input_take(struct input *in, size_t count, unsigned char *space);

/* Take the next bytes, 1 to `most`, without a copy; fails at the end of the archive. Returns how
 * many. */
size_t input_piece(struct input *in, uint64_t most, const unsigned char **piece);

/* Take so many bytes; the second returns how many of them the archive is too short for. Or take all
 * that are left. */
void input_skip(struct input *in, uint64_t count);
uint64_t input_skip_to_end(struct input *in, uint64_t count);
void input_drain(struct input *in);
