#include "packing/remake.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "layer/whiteout_names.h"
#include "packing/way.h"
#include "tar/member.h"
#include "tar/trouble.h"

static _Noreturn void changed(const struct member *m) {
    tar_refuse("%.1500s: it is not the file that was unpacked", m->name);
}

static int open_file(struct way *at, const struct member *m) {
    struct stat st;
    struct level *l = way_go(at, m->name, parent_length(m->name), WAY_LOOK, 0);
    if (!l)
        changed(m);
    /* To open a fifo would wait. */
    int fd = tar_must(
        openat(l->fd, last_name(m->name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), m->name);
    tar_must(fstat(fd, &st), m->name);
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size != m->size)
        changed(m);
    return fd;
}

static void put_content(struct output *out, int fd, const struct member *m) {
    const struct piece all = {0, m->stored}, *piece = m->sparse.is ? m->sparse.pieces : &all;
    size_t count = m->sparse.is ? m->sparse.count : 1;
    for (size_t i = 0; i < count; i++)
        if (!output_copy(out, fd, m->name, piece[i].offset, piece[i].length))
            changed(m);
}

void remake(int root, int recipe, int output) {
    struct output out;
    struct input in;
    struct tar tar;
    struct way at = {.all_rights = true};
    output_open(&out, output, "standard output");
    input_open(&in, recipe, &out);
    tar_open(&tar, &in);
    way_open(&at, root);
    at.levels->implied = false;
    for (const struct member *m; (m = tar_next(&tar));) {
        if (!layer_keeps_content(m))
            continue;
        int fd = open_file(&at, m);
        tar_content_is_elsewhere(&tar);
        put_content(&out, fd, m);
        close(fd);
    }
    input_drain(&in);
    output_flush(&out);
}
