#include "base/json_string.h"

#include <stdlib.h>
#include <string.h>

#include "base/fail.h"
#include "base/json.h"

char *json_string(const char *value) {
    struct json j;
    char *all = must_copy("\"");
    for (const unsigned char *s = (const unsigned char *)value; *s;) {
        char piece[512]; /* a string of any length, in pieces that a struct json holds */
        size_t n = strnlen((const char *)s, sizeof piece - 1);
        while (s[n] && n > 1 && (s[n] & 0xc0) == 0x80) /* not in the middle of a character */
            n--;
        memcpy(piece, s, n);
        piece[n] = 0;
        j.length = 0;
        json_value(&j, piece);
        char *more = must_print("%s%.*s", all, (int)j.length - 2, j.text + 1);
        free(all);
        all = more;
        s += n;
    }
    char *whole = must_print("%s\"", all);
    free(all);
    return whole;
}
