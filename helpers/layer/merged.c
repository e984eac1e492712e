#include "layer/merged.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"

const char *opaque_attribute(bool userxattr) {
    return userxattr ? "user.overlay.opaque" : "trusted.overlay.opaque";
}

bool opaque_marked(int directory, bool userxattr) {
    char value[2];
    const char *attribute = opaque_attribute(userxattr);
    return fgetxattr(directory, attribute, value, sizeof value) == 1 && value[0] == 'y';
}

bool opaque_marked_somehow(int directory) {
    return opaque_marked(directory, true) || opaque_marked(directory, false);
}

bool is_whiteout(int at, const char *name) {
    struct stat st;
    return fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISCHR(st.st_mode) &&
           st.st_rdev == makedev(0, 0);
}

void merged_close(struct merged *m) {
    for (int i = 0; i < m->count; i++)
        close(m->fds[i]);
    free(m);
}

struct merged *merged_step(const struct merged *from, const char *name) {
    struct merged *to = must_allocate(1, sizeof *to);
    for (int i = 0; i < from->count; i++) {
        struct stat st;
        if (fstatat(from->fds[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            must(errno == ENOENT ? 0 : -1, "look in a layer below at", name);
            continue;
        }
        if (!S_ISDIR(st.st_mode))
            break; /* a whiteout or a file hides what is below it */
        int fd = must(openat(from->fds[i], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                      "open in a layer below", name);
        to->fds[to->count++] = fd;
        if (opaque_marked_somehow(fd))
            break;
    }
    return to;
}

struct merged *merged_layers(const struct store *s, const struct image *image) {
    struct merged *m = must_allocate(1, sizeof *m);
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
    m->count = image_layers(s, image, m->fds); /* as mere places; these are to be read */
    for (int i = 0; i < m->count; i++) {
        int place = m->fds[i];
        m->fds[i] = must(openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                         "open a layer of image", image->id);
        close(place);
    }
    return m;
}
