/* _meta/run.conf: whatever it holds, the wishes are strings within it. */
#include "store/image_config.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size); /* no NUL behind it that is not its own */
    memcpy(text, data, size);
    struct runconf c = runconf_parse(text, size);
    const char **const lists[] = {c.environment, c.volumes, c.entrypoint, c.cmd};
    for (size_t i = 0; i < 4; i++) {
        for (const char **at = lists[i]; *at; at++)
            never(*at < text || *at + strlen(*at) >= text + size);
        free(lists[i]);
    }
    never(c.user && (!*c.user || c.user + strlen(c.user) >= text + size));
    free(text);
    return 0;
}
