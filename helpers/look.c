#include "look.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine.h"
#include "kernel.h"
#include "mounting.h"
#include "must.h"
#include "root.h"
#include "store.h"
#include "userns.h"

static uint64_t count_of(const char *word, const char *words) {
    char *end;
    errno = 0;
    uint64_t n = word && *word >= '0' && *word <= '9' ? strtoull(word, &end, 10) : 0;
    if (!word || *word < '0' || *word > '9' || *end || errno || n > INT64_MAX)
        usage(words, 2);
    return n;
}

int look_at(struct look *l, int argc, char **argv, enum look_for what, const char *words) {
    int at = 1;
    l->length = INT64_MAX;
    while (at < argc && argv[at][0] == '-') {
        const char *option = argv[at], *value = argv[at + 1];
        if (common_option(argc, argv, &at))
            continue;
        if (!strcmp(option, "--layer")) {
            l->layer = true;
            at++;
            continue;
        }
        if (what == LOOK_LIST && !strcmp(option, "--recursive")) {
            l->recursive = true;
            at++;
            continue;
        }
        if (what == LOOK_LIST && !strcmp(option, "--chosen")) {
            l->recursive = l->chosen = true;
            at++;
            continue;
        }
        if (what == LOOK_READ && !strcmp(option, "--offset"))
            l->offset = count_of(value, words);
        else if (what == LOOK_READ && !strcmp(option, "--length"))
            l->length = count_of(value, words);
        else
            usage(words, 2);
        at += 2;
    }
    if (argc - at != 3)
        usage(words, 2);
    struct store s = store_at(argv[at]);
    struct mounting m = {.store = s.path, .image = image_named(&s, argv[at + 1])};
    l->path = argv[at + 2];
    image_lock(&s, &m.image);
    userns_enter(CLONE_NEWNS);
    if (!unshare_forbidden())
        mounts_become_ours();
    watch_lifeline();

    s = store_at(s.path);
    int root = l->layer ? image_content(&s, &m.image) : mount_image(&m, false);
    const char *path = *l->path ? l->path : "/";
    int fd = k_openat2(root, path, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS);
    if (fd < 0)
        fail((struct failure){
            .step = must_print("look in image %s at", m.image.id), .thing = path, .error = errno});
    return fd;
}

void check_output(bool written) {
    if (!written)
        fail((struct failure){.step = "write to", .thing = "standard output", .error = errno});
}

int verb_engine_read(int argc, char **argv) {
    static char bytes[1 << 18];
    struct look l = {0};
    int place = look_at(&l, argc, argv, LOOK_READ,
                        "engine:read [--layer] [--offset N] [--length N] STORE ID PATH");
    struct stat st;
    must(fstat(place, &st), "read", l.path);
    if (!S_ISREG(st.st_mode))
        fail((struct failure){.step = "read",
                              .thing = l.path,
                              .error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
                              .reason = S_ISDIR(st.st_mode) ? NULL : "it is no regular file"});
    char *again = must_print("/proc/self/fd/%d", place);
    int fd = must(open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), "read", l.path);
    while (l.length) {
        size_t most = l.length < sizeof bytes ? (size_t)l.length : sizeof bytes;
        ssize_t n = pread(fd, bytes, most, (off_t)l.offset);
        if (n < 0)
            must(-1, "read", l.path);
        if (n == 0)
            break;
        check_output(fwrite(bytes, 1, (size_t)n, stdout) == (size_t)n);
        l.offset += (uint64_t)n;
        l.length -= (uint64_t)n;
    }
    check_output(fflush(stdout) == 0);
    return 0;
}
