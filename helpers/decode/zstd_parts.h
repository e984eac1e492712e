/* The parts of zstd (RFC 8878) that its decoder is made of. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FSE_MOST_LOG = 9,
    HUFFMAN_LOG = 11,
    ZSTD_BLOCK = 128 * 1024,
    BEHIND = 32, /* bytes that may be read behind literals */
};

/* A table of finite state entropy: for each state its symbol, and how to find the next state. */
struct fse {
    unsigned log;
    struct cell {
        uint16_t next;
        uint8_t bits, symbol;
    } cell[1 << FSE_MOST_LOG];
};

/* Make a table of how often each symbol comes; -1: less than once. */
bool fse_build(struct fse *t, const int16_t *counts, unsigned symbols, unsigned log);

/* Read a table. Returns how many bytes it takes, or 0. */
size_t fse_read(struct fse *t, const uint8_t *in, size_t n, unsigned most_symbols,
                unsigned most_log);

struct huffman {
    bool is_there;
    unsigned log;
    struct leaf {
        uint8_t symbol, bits;
    } leaf[1 << HUFFMAN_LOG];
};

/* Read a tree. Returns how many bytes it takes, or 0. */
size_t huffman_read(struct huffman *t, const uint8_t *in, size_t n);

/* Decode one stream, or four that are behind each other. */
bool huffman_decode(const struct huffman *t, const uint8_t *in, size_t n, uint8_t *out,
                    size_t size);
bool huffman_decode_four(const struct huffman *t, const uint8_t *in, size_t n, uint8_t *out,
                         size_t size);

enum { OF_LITERALS, OF_OFFSETS, OF_MATCHES, TABLES };

/* What a frame carries from block to block. */
struct zstd {
    struct huffman tree;
    struct fse table[TABLES];
    bool has[TABLES];
    size_t recent[3]; /* offsets */
    uint8_t literals[ZSTD_BLOCK + BEHIND];
};

/* Where a block goes. */
struct zstd_output {
    const uint8_t *begin; /* of the frame */
    uint8_t *to, *stop;
};

/* Read the literals of a block. Returns how many bytes they take, or 0. */
size_t zstd_literals(struct zstd *z, const uint8_t *in, size_t n, const uint8_t **literal,
                     size_t *count);

/* Carry out the sequences of a block: literals, then a match, again. */
bool zstd_sequences(struct zstd *z, const uint8_t *in, size_t n, const uint8_t *literal,
                    size_t literals, struct zstd_output *out);
