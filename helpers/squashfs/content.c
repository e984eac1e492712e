#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/little_endian.h"
#include "squashfs/blocks.h"
#include "squashfs/metadata.h"

enum { NO_FRAGMENT = 0xffffffffU, FRAGMENT_SIZE = 16, WORD = 4, AT_ONCE = 256 };

void squashfs_stream(struct squashfs *s, const struct squashfs_inode *file,
                     struct squashfs_stream *stream) {
    uint64_t up = file->fragment == NO_FRAGMENT ? s->block_size - 1 : 0;
    *stream = (struct squashfs_stream){
        .file = file,
        .cursor = file->more,
        .at = file->start,
        .blocks = (file->size + up) / s->block_size,
    };
}

/* Go forward to a block: where it lies is the sum of those before it. */
static int go_to(struct squashfs *s, struct squashfs_stream *t, uint64_t index) {
    if (index > t->blocks)
        index = t->blocks;
    while (t->index < index) {
        uint8_t words[AT_ONCE * WORD];
        uint64_t left = index - t->index;
        size_t some = left < AT_ONCE ? (size_t)left : AT_ONCE;
        int error = metadata_read(s, &t->cursor, words, some * WORD);
        if (error)
            return error;
        for (size_t i = 0; i < some; i++)
            t->at += block_length((struct block){.word = little32(words + i * WORD)});
        t->index += some;
    }
    return 0;
}

/* The next block of the stream, which has some; a length of 0 is a hole. */
static int next_block(struct squashfs *s, struct squashfs_stream *t, struct block *b) {
    uint8_t word[WORD];
    int error = metadata_read(s, &t->cursor, word, sizeof word);
    *b = (struct block){.at = t->at, .word = error ? 0 : little32(word)};
    t->at += block_length(*b);
    t->index++;
    return error;
}

/* The end of a file that has no block of its own. */
static int read_fragment(struct squashfs *s, const struct squashfs_inode *file, uint32_t offset,
                         uint8_t *to, size_t count) {
    enum { ENTRIES = METADATA_BLOCK / FRAGMENT_SIZE };
    uint8_t b[FRAGMENT_SIZE];
    if (file->fragment >= s->fragments || file->offset > s->block_size)
        return -EIO;
    struct squashfs_cursor c = {
        .block = s->fragment_blocks[file->fragment / ENTRIES],
        .offset = file->fragment % ENTRIES * FRAGMENT_SIZE,
    };
    int error = metadata_read(s, &c, b, sizeof b);
    if (error)
        return error;
    struct block block = {.at = little64(b), .word = little32(b + 8)};
    return block_read(s, block, file->offset + offset, to, count);
}

/* How many bytes the next block has, or would have as a fragment. */
static size_t next_size(const struct squashfs *s, const struct squashfs_stream *t) {
    uint64_t left = t->file->size - t->index * s->block_size;
    return left < s->block_size ? (size_t)left : s->block_size;
}

ssize_t squashfs_stream_next(struct squashfs *s, struct squashfs_stream *t, uint8_t *to,
                             bool *is_hole) {
    if (!S_ISREG(t->file->mode))
        return -EINVAL;
    *is_hole = false;
    if (t->index * s->block_size >= t->file->size)
        return 0;
    size_t size = next_size(s, t);
    int error;
    if (t->index < t->blocks) {
        struct block b;
        error = next_block(s, t, &b);
        *is_hole = !error && !block_length(b);
        if (!error && !*is_hole)
            error = block_read_whole(s, b, to, size);
    } else {
        error = read_fragment(s, t->file, 0, to, size);
        t->index++;
    }
    return error ? error : (ssize_t)size;
}

/* Part of the next block of a stream. */
static int read_part(struct squashfs *s, struct squashfs_stream *t, uint32_t offset, uint8_t *to,
                     size_t count) {
    size_t size = next_size(s, t);
    struct block b;
    if (t->index >= t->blocks) {
        t->index++;
        return read_fragment(s, t->file, offset, to, count);
    }
    int error = next_block(s, t, &b);
    if (error)
        return error;
    if (!block_length(b))
        memset(to, 0, count);
    else if (count == size)
        return block_read_whole(s, b, to, size);
    else
        return block_read(s, b, offset, to, count);
    return 0;
}

ssize_t squashfs_read(struct squashfs *s, const struct squashfs_inode *file, uint64_t from,
                      uint8_t *to, size_t count) {
    struct squashfs_stream t;
    if (!S_ISREG(file->mode))
        return -EINVAL;
    if (from >= file->size)
        return 0;
    if (count > file->size - from)
        count = (size_t)(file->size - from);
    squashfs_stream(s, file, &t);
    int error = go_to(s, &t, from / s->block_size);
    size_t done = 0;
    while (!error && done < count) {
        uint32_t offset = (uint32_t)((from + done) % s->block_size);
        size_t some = next_size(s, &t) - offset;
        if (some > count - done)
            some = count - done;
        error = read_part(s, &t, offset, to + done, some);
        done += error ? 0 : some;
    }
    return error ? error : (ssize_t)done;
}
