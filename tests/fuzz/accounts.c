/* passwd(5) and group(5) of an image. */
#include "userns/passwd.h"

#include "fuzz.h"

static void look_for(const uint8_t *data, size_t size, const char *name, uid_t uid) {
    struct account found;
    if (!account_in(file_of(data, size), name, uid, &found))
        return;
    never(name ? strcmp(found.name, name) != 0 : found.uid != uid);
    never(strpbrk(found.name, ":\n") || strpbrk(found.home, ":\n") || strpbrk(found.shell, ":\n"));
    free(found.name);
    free(found.home);
    free(found.shell);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    gid_t group, groups[4] = {0};
    look_for(data, size, NULL, 0);
    look_for(data, size, "web", 0);
    group_in(file_of(data, size), "web", &group);
    int count = groups_with(file_of(data, size), "web", groups, 3);
    never(count < 0 || count > 3 || groups[3]);
    return 0;
}
