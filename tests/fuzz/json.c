/* The JSON writer: one line, whole, and no byte of a value ends it early. */
#include "base/events.h"

#include "fuzz.h"

static void check(const struct json *j) {
    unsigned depth = 0;
    int quoted = 0;
    never(j->length < 2 || j->length > sizeof j->text);
    for (size_t i = 0; i < j->length; i++) {
        unsigned char c = (unsigned char)j->text[i];
        never(c < ' ' && i != j->length - 1);
        if (quoted && c == '\\')
            never(!strchr("\"\\u", j->text[++i]));
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == '{')
            depth++;
        else if (!quoted && c == '}')
            depth--;
    }
    never(quoted || depth || j->text[j->length - 1] != '\n');
}

/* Every line of the input is a value. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int null = -1;
    char *text = text_of(data, size), *rest = text, *value;
    struct json j;
    event_open(&j, "fuzz");
    for (unsigned n = 0; (value = strsep(&rest, "\n")); n++) {
        json_text(&j, "key", value);
        if (n % 3 == 1)
            json_number(&j, "number", (uint64_t)n * size);
        if (n % 3 == 2)
            json_raw(&j, "raw", "[1,2,{\"a\":3}]");
    }
    if (null < 0)
        null = file_of(data, 0);
    never(ftruncate(null, 0) != 0);
    json_write(&j, null);
    check(&j);
    free(text);
    return 0;
}
