#include "changes.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounts.h"
#include "must.h"
#include "processes.h"

static _Noreturn void cannot(const char *path, int error, const char *reason) {
    fail((struct failure){
        .step = "keep changes in", .thing = path, .error = error, .reason = reason});
}

/* Of the store, by its name, which tells `clean` that somebody is there. Of any other place
 * by what the kernel knows it by: paths change. */
static const char *name_of(const char *path, int dir) {
    struct stat st;
    const char *base = strrchr(path, '/') + 1;
    size_t plain = strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (strncmp(base, "plashtmp_", 9) == 0 && !base[plain])
        return base;
    must(fstat(dir, &st), "keep changes in", path);
    return must_print("changes.%llu.%llu", (unsigned long long)st.st_dev,
                      (unsigned long long)st.st_ino);
}

struct changes changes_take(const char *path) {
    struct changes c = {.path = realpath(path, NULL)};
    if (!c.path)
        cannot(path, errno, NULL);
    c.lock = must(open(c.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "keep changes in", path);
    if (flock(c.lock, LOCK_EX | LOCK_NB) < 0) {
        int error = errno;
        const char *who = error == EWOULDBLOCK ? process_locking(c.lock) : NULL;
        cannot(path, error,
               error != EWOULDBLOCK ? NULL
               : who                ? must_print("another run is using it: %s", who)
                                    : "another run is using it");
    }
    c.work = name_of(c.path, c.lock);
    const char *mounted = mount_that_writes(c.work);
    if (mounted)
        cannot(path, EBUSY, must_print("the image mounted at %s is using it", mounted));
    if ((mkdirat(c.lock, "data", 0755) < 0 && errno != EEXIST) ||
        (mkdirat(c.lock, "work", 0755) < 0 && errno != EEXIST))
        cannot(path, errno, NULL);
    return c;
}
