#include "workdir.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "must.h"
#include "remove.h"
#include "userns.h"

static const char ROOM[] = "`plash trash --empty` or `plash shrink` makes room";

struct workdir workdir_make(const struct store *s) {
    struct workdir w = {.store = s->fd};
    char *path = must_print("%s/tmp/plashtmp_%d_%d_XXXXXX", s->path, getsid(0), getpid());
    if (mkdirat(s->fd, "tmp", 0755) < 0 && errno != EEXIST)
        fail((struct failure){.step = "write to the store", .thing = s->path, .error = errno});
    if (!mkdtemp(path))
        fail((struct failure){.step = "make a directory for changes in the store",
                              .thing = s->path,
                              .error = errno,
                              .remedy = errno == ENOSPC ? ROOM : NULL});
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

/* An overlay in a user namespace keeps its marks in user xattrs, and a tmpfs has those since
 * Linux 6.6; what an older one does is a mount that works until a directory is removed. The
 * namespace this could be tried in does not exist yet, so here the version must do. */
bool memory_is_fine(void) {
    struct utsname kernel;
    unsigned major = 0, minor = 0;
    const char *on_disk = getenv("PLASH_RUN_ON_DISK");
    if ((on_disk && *on_disk) || unshare_forbidden() || uname(&kernel) < 0)
        return false;
    if (sscanf(kernel.release, "%u.%u", &major, &minor) != 2)
        return false;
    return major > 6 || (major == 6 && minor >= 6);
}

int memory_make(const char *store) {
    static const char step[] = "make room in memory for the changes of", thing[] = "a run";
    char *path = must_print("%s/mnt", store);
    /* An overlay takes no upper that is not attached, before Linux 6.15. */
    must(mount("plash", path, "tmpfs", 0, "mode=0755"), step, thing);
    int room = must(open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), step, thing);
    must(mkdirat(room, "data", 0755), step, thing);
    must(mkdirat(room, "work", 0755), step, thing);
    free(path);
    return room;
}
