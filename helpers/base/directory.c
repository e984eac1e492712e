#include "base/directory.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

bool directory_has(int fd, bool (*wanted)(int dir, const char *name, const void *of),
                   const void *of) {
    if (fd < 0)
        return errno != ENOENT;
    DIR *all = fdopendir(fd);
    bool found = !all;
    for (struct dirent *e; !found && (e = readdir(all));)
        found = strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
                wanted(fd, e->d_name, of);
    if (all)
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
