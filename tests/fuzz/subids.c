/* /etc/subuid, what getsubids says, and nsswitch.conf: only ranges the kernel will take as one
 * map. */
#include "userns/subids.h"

#include "fuzz.h"

static void check(const struct range *found, int n) {
    never(n < 0 || n > MOST_RANGES);
    for (int i = 0; i < n; i++) {
        uint64_t from = found[i].from, end = from + found[i].count;
        never(!found[i].count || end > UINT32_MAX || (from <= 1000 && 1000 < end));
        for (int j = 0; j < i; j++)
            never(from < (uint64_t)found[j].from + found[j].count && found[j].from < end);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[32];
    struct range found[MOST_RANGES];
    int fd = file_of(data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    check(found, subids_of(path, "user", 1000, 1000, found));
    char *service = subids_service_in(path);
    never(service && (!*service || strpbrk(service, " \t\n#[")));
    free(service);
    lseek(fd, 0, SEEK_SET);
    check(found, subids_listed(fd, 1000, found));
    return 0;
}
