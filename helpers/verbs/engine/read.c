#include "verbs/engine/read.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/syscalls.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "process/lifeline.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

static int image_at(const struct look *l, const char *store, const char *image) {
    struct store s = store_at(store);
    struct mounting m = {.store = s.path, .image = image_named(&s, image)};
    image_lock(&s, &m.image);
    namespaces_enter();
    watch_lifeline();

    s = store_at(s.path);
    return l->layer ? image_content(&s, &m.image) : mount_image(&m, NULL);
}

/* Changes are a layer that is not an image yet. */
static int changes_at(struct look *l) {
    char *path = must_print("%s/data", l->changes);
    int fd = must(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open", path);
    free(path);
    l->layer = true;
    userns_try(0);
    watch_lifeline();
    return fd;
}

int look_at(struct look *l, int argc, char **argv, const struct option *known) {
    int at = words_read(argc, argv, known, 3, 3);
    const char *store = argv[at], *image = argv[at + 1];
    l->path = argv[at + 2];
    int root = l->changes ? changes_at(l) : image_at(l, store, image);
    const char *path = *l->path ? l->path : "/";
    int fd = k_openat2(root, path, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS);
    return must(fd, must_print("look in image %s at", image), path);
}

/* engine:read — the bytes of a file. */
int verb_engine_read(int argc, char **argv) {
    static char bytes[1 << 18];
    struct look l = {0};
    uint64_t offset = 0, length = INT64_MAX;
    int place = look_at(&l, argc, argv,
                        (struct option[]){{"--layer", .flag = &l.layer},
                                          {"--offset", .number = &offset},
                                          {"--length", .number = &length},
                                          {0}});
    struct stat st;
    must(fstat(place, &st), "read", l.path);
    if (!S_ISREG(st.st_mode))
        fail((struct failure){.step = "read",
                              .thing = l.path,
                              .error = S_ISDIR(st.st_mode) ? EISDIR : EINVAL,
                              .reason = S_ISDIR(st.st_mode) ? NULL : "it is not a regular file"});
    char *again = must_print("/proc/self/fd/%d", place);
    int fd = must(open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), "read", l.path);
    while (length) {
        size_t most = length < sizeof bytes ? (size_t)length : sizeof bytes;
        ssize_t n = pread(fd, bytes, most, (off_t)offset);
        if (n < 0)
            must(-1, "read", l.path);
        if (n == 0)
            break;
        if (fwrite(bytes, 1, (size_t)n, stdout) != (size_t)n)
            answer_is_out();
        offset += (uint64_t)n;
        length -= (uint64_t)n;
    }
    answer_is_out();
    return 0;
}
