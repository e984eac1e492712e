#include "tar/attributes.h"

#include <stddef.h>
#include <string.h>

bool attribute_is_kept(const char *name) {
    static const char *const ours[] = {"user.overlay.", "user.fuseoverlayfs.", "user.containers."};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (!strncmp(name, ours[i], strlen(ours[i])))
            return false;
    return !strncmp(name, "user.", 5) || !strcmp(name, "security.capability");
}
