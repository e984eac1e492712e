#include "workdir.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "must.h"
#include "remove.h"

struct workdir workdir_make(const struct store *s) {
    struct workdir w = {.store = s->fd};
    char *path = must_print("%s/tmp/plashtmp_%d_%d_XXXXXX", s->path, getsid(0), getpid());
    if (mkdirat(s->fd, "tmp", 0755) < 0 && errno != EEXIST)
        fail((struct failure){.step = "write to the store", .thing = s->path, .error = errno});
    if (!mkdtemp(path))
        fail((struct failure){.step = "make a directory for changes in the store",
                              .thing = s->path,
                              .error = errno,
                              .remedy = errno == ENOSPC ? "Free some space" : NULL});
    w.name = must_copy(strrchr(path, '/') + 1);
    w.lock = must(open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", path);
    must(flock(w.lock, LOCK_EX | LOCK_NB), "lock", path);
    must(mkdirat(w.lock, "data", 0755), "make data in", path);
    must(mkdirat(w.lock, "work", 0755), "make work in", path);
    free(path);
    return w;
}

void workdir_remove(const struct workdir *w) {
    int tmp = openat(w->store, "tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (tmp < 0)
        return;
    char *names[] = {w->name};
    remove_names(tmp, names, 1, REMOVE_THREADS);
    close(tmp);
}
