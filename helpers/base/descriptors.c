#include "base/descriptors.h"

#include <sys/resource.h>

size_t allow_descriptors(size_t most) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 256;
    if (limit.rlim_cur < most) {
        struct rlimit more = {limit.rlim_max < most ? limit.rlim_max : most, limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &more) == 0)
            limit = more;
    }
    return limit.rlim_cur < most ? limit.rlim_cur : most;
}
