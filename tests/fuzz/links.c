/* The links of index/: nothing but a chain of numbers below layer/0. */
#include "store/store.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct image image;
    char *target = text_of(data, size < 4095 ? size : 4095), *slash = strrchr(target, '/');
    const char *id = slash ? slash + 1 : target;
    if (is_id(id) && place_of_link(target, id, &image)) {
        never(strspn(image.place, "/0123456789layer") != strlen(image.place));
        never(strstr(image.place, "//") || strncmp(image.place, "layer/0", 7) != 0);
        never(strcmp(strrchr(image.place, '/') + 1, image.id) != 0);
        never(image_depth(&image) < 1);
    }
    free(target);
    return 0;
}
