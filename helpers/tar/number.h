/* A number in a header: octal, or binary with its first bit set (GNU). */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Fails if it is none, or does not fit. `what` is for the message. */
int64_t number_signed(const unsigned char *field, size_t width, const char *what);
uint64_t number_in(const unsigned char *field, size_t width, const char *what);
