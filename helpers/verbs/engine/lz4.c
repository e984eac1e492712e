/* engine:lz4 — compresses blocks, one after the other. */
#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/little_endian.h"
#include "base/options.h"
#include "encode/lz4.h"
#include "process/lifeline.h"
#include "verbs/verbs.h"

enum { MOST = 1 << 20, HEAD = 4 };

/* Read `n` bytes; false at the end of the input, which may be before the first one only. */
static bool take(uint8_t *to, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t more = read(STDIN_FILENO, to + done, n - done);
        if (more == 0 && !done && n == HEAD)
            return false;
        if (more == 0)
            refuse("cannot read a block: the input ends in it");
        if (more < 0 && errno != EINTR)
            must(-1, "read a block from", "standard input");
        done += more > 0 ? (size_t)more : 0;
    }
    return true;
}

static void give(const uint8_t *from, size_t n) {
    while (n) {
        ssize_t more = write(STDOUT_FILENO, from, n);
        if (more < 0 && errno != EINTR)
            must(-1, "write a block to", "standard output");
        from += more > 0 ? more : 0;
        n -= more > 0 ? (size_t)more : 0;
    }
}

int verb_engine_lz4(int argc, char **argv) {
    static uint8_t in[HEAD + MOST], out[HEAD + MOST];
    words_read(argc, argv, NULL, 0, 0);
    watch_lifeline();
    while (take(in, HEAD)) {
        size_t n = little32(in);
        if (n > MOST)
            refuse("a block has at most 1 MiB");
        take(in + HEAD, n);
        size_t made = n ? encode_lz4(in + HEAD, n, out + HEAD, n) : 0;
        for (int i = 0; i < HEAD; i++)
            out[i] = (uint8_t)(made >> 8 * i);
        give(out, HEAD + made);
    }
    return 0;
}
