/* A line of /proc/PID/mountinfo, where names hold what anybody likes. */
#include "mount/mountinfo.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct store store = {.path = "/store", .number = 42};
    char *line = text_of(data, size), image[ID_SIZE];
    const char *work;
    struct mounted m;
    if (mount_parse(line, &m)) {
        never(!m.device || !m.place || !m.type || !m.source || !m.options);
        never(strlen(m.place) > size || strlen(m.options) > size);
        if (mount_of_store(&m, &store, image, &work))
            never(!is_id(image));
    }
    free(line);
    return 0;
}
