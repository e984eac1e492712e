/* /etc/subuid: only ranges the kernel will take as one map. */
#include "../../helpers/subids.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[32];
    struct range found[MOST_RANGES];
    int fd = file_of(data, size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int n = subids_of(path, "user", 1000, 1000, found);
    close(fd);
    never(n < 0 || n > MOST_RANGES);
    for (int i = 0; i < n; i++) {
        uint64_t from = found[i].from, end = from + found[i].count;
        never(!found[i].count || end > UINT32_MAX || (from <= 1000 && 1000 < end));
        for (int j = 0; j < i; j++)
            never(from < (uint64_t)found[j].from + found[j].count && found[j].from < end);
    }
    return 0;
}
