#include "image/upper_in_memory.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fail.h"
#include "image/upperdir.h"
#include "userns/userns.h"

/* An overlay in a user namespace keeps its marks in user xattrs, which tmpfs has since Linux 6.6.
 * On an older kernel the mount works until a directory is removed. The namespace in which to try
 * this does not exist yet: the version decides. */
const char *ram_trouble(void) {
    struct utsname kernel;
    unsigned major = 0, minor = 0;
    if (unshare_forbidden())
        return "PLASH_NO_UNSHARE is set";
    if (uname(&kernel) < 0 || sscanf(kernel.release, "%u.%u", &major, &minor) != 2 || major < 6 ||
        (major == 6 && minor < 6))
        return "Linux 6.6 and newer can";
    return NULL;
}

/* The number after `key` at the begin of a line; `otherwise` if there is none. */
static uint64_t number_in(const char *path, const char *key, uint64_t otherwise) {
    FILE *file = fopen(path, "re");
    char line[256];
    uint64_t found = otherwise;
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key)) &&
            sscanf(line + strlen(key), " %" SCNu64, &found) == 1) /* not so "max" */
            break;
    if (file)
        fclose(file);
    return found;
}

/* What the files of either kind of control group are called. */
struct kind {
    const char *place, *limit, *used, *cache;
};

static uint64_t free_in_group(const struct kind *k, const char *group) {
    char *limit_file = must_print("%s%s/%s", k->place, group, k->limit);
    char *used_file = must_print("%s%s/%s", k->place, group, k->used);
    char *stat_file = must_print("%s%s/memory.stat", k->place, group);
    uint64_t limit = number_in(limit_file, "", UINT64_MAX);
    uint64_t used = limit == UINT64_MAX ? 0 : number_in(used_file, "", 0);
    uint64_t cache = used ? number_in(stat_file, k->cache, 0) : 0; /* it goes when it must */
    free(limit_file);
    free(used_file);
    free(stat_file);
    used -= cache < used ? cache : used;
    return limit == UINT64_MAX ? limit : used < limit ? limit - used : 0;
}

/* In this one and all it is in. */
static uint64_t free_in_groups(const struct kind *k, char *group) {
    uint64_t least = UINT64_MAX;
    for (char *slash = strrchr(group, '/'); slash; slash = strrchr(group, '/')) {
        if (slash[1]) {
            uint64_t here = free_in_group(k, group);
            least = here < least ? here : least;
        }
        *slash = 0;
    }
    uint64_t top = free_in_group(k, ""); /* of a container it is the container's own */
    return top < least ? top : least;
}

uint64_t ram_to_spare(void) {
    static const struct kind unified = {"/sys/fs/cgroup", "memory.max", "memory.current",
                                        "inactive_file "},
                             older = {"/sys/fs/cgroup/memory", "memory.limit_in_bytes",
                                      "memory.usage_in_bytes", "total_inactive_file "};
    enum { LEAST = 1 << 20 };
    uint64_t least = number_in("/proc/meminfo", "MemAvailable:", 1 << 20) * 1024;
    FILE *groups = fopen("/proc/self/cgroup", "re"); /* NUMBER:CONTROLLERS:PATH */
    char *line = NULL;
    size_t room = 0;
    while (groups && getline(&line, &room, groups) > 0) {
        line[strcspn(line, "\n")] = 0;
        char *path = strstr(line, ":/");
        const struct kind *k = !strncmp(line, "0::", 3)    ? &unified
                               : strstr(line, ":memory:/") ? &older
                                                           : NULL;
        uint64_t here = k && path ? free_in_groups(k, path + 1) : UINT64_MAX;
        least = here < least ? here : least;
    }
    free(line);
    if (groups)
        fclose(groups);
    return least / 2 > LEAST ? least / 2 : LEAST;
}

int ram_make(const char *path, uint64_t bytes) {
    static const char step[] = "make room in memory for the changes of", thing[] = "a run";
    /* Files take memory even if nothing is in them. */
    char *limits = must_print("mode=0755,size=%" PRIu64 ",nr_inodes=%" PRIu64, bytes, bytes / 4096);
    /* An overlay takes no upper that is not attached, before Linux 6.15. */
    must(mount("plash", path, "tmpfs", 0, limits), step, thing);
    int room = must(open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), step, thing);
    changes_make_places(room, step, thing);
    free(limits);
    return room;
}
