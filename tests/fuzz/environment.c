/* /etc/environment of an image. */
#include "base/environment.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *usual;
    if (!usual)
        usual = path_inside(-1);
    const char *path = path_inside(file_of(data, size));
    never(!*path || strchr(path, '\n'));
    if (path != usual)
        free((char *)(uintptr_t)path);
    return 0;
}
