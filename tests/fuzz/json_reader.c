/* JSON of strangers: it is refused, or a tree in which everything has what its kind says. */
#include "base/json_reader.h"

#include <stdbool.h>

#include "fuzz.h"

/* All that was allocated for an input, which the program never frees. */
static void **taken;
static size_t count;

void *__wrap_must_allocate(size_t n, size_t size);
void *__wrap_must_allocate(size_t n, size_t size) {
    taken = realloc(taken, (count + 1) * sizeof *taken);
    return taken[count++] = calloc(n, size);
}

static void look_at(const struct json_value *v, bool named, int depth) {
    never(depth > 100);
    never(named != (v->name != NULL));
    never((v->kind == JSON_STRING) != (v->text != NULL));
    never(v->first && v->kind != JSON_LIST && v->kind != JSON_OBJECT);
    for (const struct json_value *m = v->first; m; m = m->next)
        look_at(m, v->kind == JSON_OBJECT, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = text_of(data, size);
    const struct json_value *v = json_read(text);
    free(text); /* the tree has copies */
    if (v) {
        look_at(v, false, 0);
        json_member(v, "Env");
    }
    while (count)
        free(taken[--count]);
    return 0;
}
