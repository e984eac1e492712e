#include "tar/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tar/trouble.h"

enum { ROOM = 256 * 1024 };

void output_open(struct output *o, int fd, const char *name) {
    *o = (struct output){.fd = fd, .name = name, .buffer = must_allocate(1, ROOM)};
}

static void write_all(const struct output *o, const unsigned char *bytes, size_t count) {
    while (count) {
        ssize_t n = write(o->fd, bytes, count);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && o->unwritable)
            o->unwritable();
        must(n < 0 ? -1 : 0, "write to", o->name);
        bytes += n;
        count -= (size_t)n;
    }
}

void output_flush(struct output *o) {
    write_all(o, o->buffer, o->used);
    o->used = 0;
}

void output_put(struct output *o, const void *bytes, size_t count) {
    if (count > ROOM - o->used)
        output_flush(o);
    if (count >= ROOM) {
        write_all(o, bytes, count);
        return;
    }
    memcpy(o->buffer + o->used, bytes, count);
    o->used += count;
}

bool output_copy(struct output *o, int fd, const char *name, uint64_t offset, uint64_t count) {
    while (count) {
        if (o->used == ROOM)
            output_flush(o);
        size_t want = ROOM - o->used < count ? ROOM - o->used : (size_t)count;
        ssize_t n = pread(fd, o->buffer + o->used, want, (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (tar_must((int)n, name) == 0)
            return false;
        o->used += (size_t)n;
        offset += (uint64_t)n;
        count -= (uint64_t)n;
    }
    return true;
}

void input_open(struct input *in, int fd, struct output *copy) {
    *in = (struct input){.fd = fd, .copy = copy, .buffer = must_allocate(1, ROOM)};
    in->at = in->end = in->buffer;
    fcntl(fd, F_SETPIPE_SZ, ROOM); /* if it is a pipe: it need not wake us so often */
}

uint64_t input_position(const struct input *in) {
    return in->before + (uint64_t)(in->at - in->buffer);
}

/* Read as much as there is room for, since a pipe gives small pieces; false at the end. */
static bool read_more(struct input *in) {
    size_t have = 0;
    ssize_t n = 1;
    in->before += (uint64_t)(in->end - in->buffer);
    while (n && have < ROOM) {
        n = read(in->fd, in->buffer + have, ROOM - have);
        if (n < 0 && errno == EINTR)
            continue;
        must(n < 0 ? -1 : 0, "read", "the archive");
        have += (size_t)n;
    }
    in->at = in->buffer;
    in->end = in->buffer + have;
    return have;
}

static size_t next(struct input *in, uint64_t most) {
    if (in->at == in->end && !read_more(in))
        return 0;
    size_t there = (size_t)(in->end - in->at);
    return there < most ? there : (size_t)most;
}

static void take(struct input *in, size_t count) {
    if (in->copy)
        output_put(in->copy, in->at, count);
    in->at += count;
}

static _Noreturn void cut_off(void) {
    tar_refuse("it is cut off: it ends in the middle of a file or a header. Get it again");
}

const unsigned char *input_take(struct input *in, size_t count, unsigned char *space) {
    if (next(in, count) == count) { /* all in one place, as mostly */
        const unsigned char *here = in->at;
        take(in, count);
        return here;
    }
    size_t have = 0;
    for (size_t part; have < count && (part = next(in, count - have)); have += part) {
        memcpy(space + have, in->at, part);
        take(in, part);
    }
    if (have && have < count)
        cut_off();
    return have == count ? space : NULL;
}

size_t input_piece(struct input *in, uint64_t most, const unsigned char **piece) {
    size_t part = next(in, most);
    if (!part)
        cut_off();
    *piece = in->at;
    in->at += part;
    return part;
}

uint64_t input_skip_to_end(struct input *in, uint64_t count) {
    for (size_t part; count && (part = next(in, count)); count -= part)
        take(in, part);
    return count;
}

void input_skip(struct input *in, uint64_t count) {
    if (input_skip_to_end(in, count))
        cut_off();
}

void input_drain(struct input *in) {
    for (size_t part; (part = next(in, UINT64_MAX));)
        take(in, part);
}
