#include "tar/trouble.h"

#include <stdarg.h>
#include <stdio.h>

const char *tar_purpose = "extract the tar";

void tar_refuse_at(const char *place, const char *format, ...) {
    char text[3000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    exit_status_of_failure = BAD_ARCHIVE;
    refuse_at(place, "cannot %s: %s", tar_purpose, text);
}

int tar_must_at(const char *place, int result, const char *name) {
    if (result < 0) {
        int error = errno;
        fail_at(place, (struct failure){.step = must_print("%s:", tar_purpose),
                                        .thing = *name ? name : ".",
                                        .error = error});
    }
    return result;
}
