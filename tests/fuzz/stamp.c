/* memory/plan-KEY: whatever it holds, nothing beyond its end is read, and only what it says is. */
#define recipe_is fuzzed_recipe_is
#define recipe_try fuzzed_recipe_try
#define recipe_try_build fuzzed_recipe_try_build
#include "verbs/recalling/recipe_stamp.c"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct store store = {.fd = -1};
    if (!size)
        return 0;
    char *text = malloc(size); /* its last byte is a NUL, or it is not read */
    memcpy(text, data, size);
    text[size - 1] = 0;
    struct stamp stamp = {.text = text, .length = size};
    clearenv();
    setenv("A", "b", 1);
    bool held = holds(&store, &stamp);
    for (char *entry = next(&stamp, NULL), *v; entry; entry = next(&stamp, entry)) {
        never(entry <= text || entry + strlen(entry) >= text + size);
        never(held && (v = value(entry, "env")) && !strcmp(v, "A=c"));
        never(held && (v = value(entry, "file")) && !strchr(v, ' '));
    }
    surround(&stamp);
    free(text);
    return 0;
}
