#include "base/directory.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fail.h"

/* The next name, without . and ..; NULL at the end. */
static const char *next_name(DIR *all) {
    struct dirent *e;
    errno = 0;
    while ((e = readdir(all)) && (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..")))
        ;
    return e ? e->d_name : NULL;
}

bool directory_has(int fd, bool (*wanted)(int dir, const char *name, const void *of),
                   const void *of) {
    if (fd < 0)
        return errno != ENOENT;
    DIR *all = fdopendir(fd);
    bool found = !all;
    for (const char *name; !found && (name = next_name(all));)
        found = wanted(fd, name, of);
    if (all)
        closedir(all);
    return found;
}

struct names directory_names(int fd, bool (*wanted)(int dir, const char *name, const void *of),
                             const void *of) {
    struct names found = {0};
    if (fd < 0)
        return found;
    DIR *all = must_have(fdopendir(fd), "list", "a directory");
    for (const char *name; (name = next_name(all));) {
        if (!wanted(fd, name, of))
            continue;
        if ((found.count & (found.count - 1)) == 0) /* full: a power of two */
            found.all = must_have(realloc(found.all, (found.count * 2 + 1) * sizeof *found.all),
                                  "list", "a directory");
        found.all[found.count++] = must_copy(name);
    }
    must(errno ? -1 : 0, "list", "a directory");
    closedir(all);
    return found;
}

bool any_name(int dir, const char *name, const void *of) {
    (void)dir, (void)name, (void)of;
    return true;
}

bool path_is_in(const char *path, const char *directory) {
    size_t n = strcmp(directory, "/") ? strlen(directory) : 0;
    return !strncmp(path, directory, n) && (!path[n] || path[n] == '/');
}
