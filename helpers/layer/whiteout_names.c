#include "layer/whiteout_names.h"

#include <string.h>

static const char REMOVAL[] = ".wh.", NOTE[] = ".wh..wh.", ALL[] = ".wh..wh..opq";

static bool begins(const char *name, const char *with) {
    return !strncmp(name, with, strlen(with));
}

const char *last_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

size_t parent_length(const char *path) {
    const char *name = last_name(path);
    return name == path ? 0 : (size_t)(name - path) - 1;
}

bool is_removal(const char *name) {
    return begins(name, REMOVAL);
}

bool is_removal_of_all(const char *name) {
    return !strcmp(name, ALL);
}

const char *removed_name(const char *name) {
    return name + strlen(REMOVAL);
}

bool is_below_removal(const char *path) {
    for (const char *end; (end = strchr(path, '/')); path = end + 1)
        if (is_removal(path))
            return true;
    return false;
}

bool is_aufs_note(const char *path) {
    for (const char *end; (end = strchr(path, '/')); path = end + 1)
        if (begins(path, NOTE))
            return true;
    return begins(path, NOTE) && !is_removal_of_all(path);
}

bool layer_keeps_content(const struct member *m) {
    return m->type == M_FILE && m->stored && !is_removal(last_name(m->name)) &&
           !is_aufs_note(m->name);
}
