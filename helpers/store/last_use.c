#include "store/last_use.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/syscalls.h"

/* The record is the time of an empty file: it costs only a few system calls at each run, and all
 * records are in one directory. That is inside layer 0, which the old program deletes when it
 * purges the store and starts the ids again. */
static const char PLACE[] = "layer/0/_meta/used";

static int directory(const struct store *s) {
    return k_openat2(s->fd, PLACE, O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS);
}

void lastuse_note(const struct store *s, const struct image *image) {
    if (store_is_for_reading() || store_is_anothers(s))
        return;
    int dir = directory(s);
    if (dir < 0 && errno == ENOENT) {
        mkdirat(s->fd, "layer/0/_meta", 0711);
        mkdirat(s->fd, PLACE, 0700);
        dir = directory(s);
    }
    if (dir < 0)
        return;
    if (utimensat(dir, image->id, NULL, AT_SYMLINK_NOFOLLOW) < 0) {
        unlinkat(dir, image->id, 0); /* it may be somebody else's, as root's in a user's store */
        close(openat(dir, image->id, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    }
    close(dir);
}
