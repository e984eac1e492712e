#include "image/implied.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/fail.h"
#include "image/merged.h"

enum { MOST_VALUE = 65536, READ = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

static bool is_mark(const char *name) {
    return strstr(name, ".overlay.") || strstr(name, ".fuseoverlayfs.");
}

/* Those that we may not set are the system's own. */
static void copy_attributes(int from, int to, const char *path) {
    static char names[MOST_VALUE], value[MOST_VALUE];
    ssize_t length = flistxattr(from, names, sizeof names);
    if (length < 0 && errno == EOPNOTSUPP)
        return;
    must(length < 0 ? -1 : 0, "list the attributes of", path);
    for (const char *name = names; name < names + length; name += strlen(name) + 1) {
        ssize_t size = is_mark(name) ? -1 : fgetxattr(from, name, value, sizeof value);
        if (size >= 0 && fsetxattr(to, name, value, (size_t)size, 0) < 0 && errno != EPERM &&
            errno != EOPNOTSUPP)
            must(-1, "set an attribute of", path);
    }
}

static void copy_facts(int from, int to, const char *path) {
    struct stat st, here;
    must(fstat(from, &st), "look in a layer below at", path);
    must(fstat(to, &here), "look in the layer at", path);
    if (st.st_uid != here.st_uid || st.st_gid != here.st_gid)
        must(fchown(to, st.st_uid, st.st_gid), "set the owner of", path);
    must(fchmod(to, st.st_mode & 07777), "set the mode of", path);
    copy_attributes(from, to, path);
    const struct timespec times[] = {st.st_atim, st.st_mtim};
    must(futimens(to, times), "set the time of", path);
}

/* One step into both; `below` has nothing where the layer hides it. */
static bool step(int *here, struct merged **below, const char *name) {
    int next = openat(*here, name, READ | O_NOFOLLOW);
    if (next < 0)
        return false;
    struct merged *inner =
        opaque_marked_somehow(*here) ? must_allocate(1, sizeof *inner) : merged_step(*below, name);
    close(*here);
    merged_close(*below);
    *here = next;
    *below = inner;
    return true;
}

static void settle_one(const struct merged *layers, int content, const char *path) {
    int here = must(openat(content, ".", READ), "open", "the layer");
    struct merged *below = must_allocate(1, sizeof *below);
    for (; below->count < layers->count - 1; below->count++) /* the last is of no image */
        below->fds[below->count] =
            must(fcntl(layers->fds[below->count], F_DUPFD_CLOEXEC, 0), "open", "a layer below");
    char *copy = must_copy(path), *rest = copy;
    bool there = true;
    for (char *name; there && (name = strsep(&rest, "/"));)
        there = !*name || !strcmp(name, ".") || step(&here, &below, name);
    if (there && below->count)
        copy_facts(below->fds[0], here, path);
    else if (there)
        must(fchmod(here, 0755), "set the mode of", path);
    free(copy);
    merged_close(below);
    close(here);
}

void implied_settle(const struct store *s, const struct image *parent, int content, int list) {
    struct merged *layers = merged_layers(s, parent);
    FILE *file = must_have(fdopen(list, "r"), "read", "the list of implied directories");
    char *path = NULL;
    size_t room = 0;
    while (getdelim(&path, &room, 0, file) > 0)
        settle_one(layers, content, path);
    must(ferror(file) ? -1 : 0, "read", "the list of implied directories");
    free(path);
    fclose(file);
    merged_close(layers);
}
