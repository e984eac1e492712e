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

/* Of the store, by its name, which tells `clean` that somebody is there. Of any other place
 * by what the kernel knows it by: paths change. */
static const char *name_of(const char *path, int dir) {
    struct stat st;
    const char *base = strrchr(path, '/') + 1;
    size_t plain = strspn(base, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
    if (strncmp(base, "plashtmp_", 9) == 0 && !base[plain])
        return base;
    must(fstat(dir, &st), "look at", path);
    return must_print("changes.%llu.%llu", (unsigned long long)st.st_dev,
                      (unsigned long long)st.st_ino);
}

void changes_claim(const char *step, const char *path, int dir) {
    struct failure f = {.step = step, .thing = path};
    if (flock(dir, LOCK_EX | LOCK_NB) < 0) {
        f.error = errno;
        const char *who = f.error == EWOULDBLOCK ? process_locking(dir) : NULL;
        if (f.error == EWOULDBLOCK)
            f.reason = must_print("another run is using it%s%s", who ? ": " : "", who ? who : "");
        fail(f);
    }
    const char *mounted = mount_that_writes(name_of(path, dir));
    if (mounted) {
        f.error = EBUSY;
        f.reason = must_print("the image mounted at %s is using it", mounted);
        fail(f);
    }
}

struct changes changes_take(const char *path) {
    static const char step[] = "keep changes in";
    struct changes c = {.path = realpath(path, NULL)};
    if (!c.path)
        must(-1, step, path);
    c.lock = must(open(c.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), step, path);
    changes_claim(step, c.path, c.lock);
    c.work = name_of(c.path, c.lock);
    if ((mkdirat(c.lock, "data", 0755) < 0 && errno != EEXIST) ||
        (mkdirat(c.lock, "work", 0755) < 0 && errno != EEXIST))
        must(-1, step, path);
    return c;
}
