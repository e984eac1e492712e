#include "base/units.h"

#include <stdio.h>
#include <string.h>

#include "base/fail.h"

char *size_in_words(uint64_t bytes) {
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    double value = (double)bytes;
    int unit = 0;
    for (; value >= 1000 && unit < 6; unit++)
        value /= 1000;
    return must_print(unit && value < 9.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
}

char *plural(uint64_t number, const char *noun) {
    char *digits = must_print("%llu", (unsigned long long)number), text[32];
    size_t n = strlen(digits), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i && (n - i) % 3 == 0)
            text[at++] = ',';
        text[at++] = digits[i];
    }
    text[at] = 0;
    return must_print("%s %s%s", text, noun, number == 1 ? "" : "s");
}
