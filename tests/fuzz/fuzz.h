/* What the targets share. */
#pragma once

#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Something that must never be. */
#define never(condition)                                                                           \
    do                                                                                             \
        if (condition) {                                                                           \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);                        \
            abort();                                                                               \
        }                                                                                          \
    while (0)

/* The input as a string of its own, so that ASan sees every byte beyond its end. */
static inline char *text_of(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = 0;
    return text;
}

/* The input as a file; the caller, or whom it is given to, closes it. */
static inline int file_of(const uint8_t *data, size_t size) {
    int fd = memfd_create("fuzz", 0);
    never(fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET) != 0);
    return fd;
}
