#include "tar/number.h"

#include "tar/trouble.h"

static _Noreturn void not_a_number(const char *what) {
    tar_refuse("it is damaged: a %s is not a number", what);
}

/* Big-endian, in two's complement: the bit after the first is the sign. */
static int64_t binary(const unsigned char *field, size_t width, const char *what) {
    int64_t value = field[0] & 0x40 ? -1 : 0;
    value = value * 64 + (field[0] & 0x3f);
    for (size_t i = 1; i < width; i++) {
        if (value > INT64_MAX / 256 || value < INT64_MIN / 256)
            tar_refuse("a %s does not fit into 63 bits", what);
        value = value * 256 + field[i];
    }
    return value;
}

int64_t number_signed(const unsigned char *field, size_t width, const char *what) {
    if (field[0] & 0x80)
        return binary(field, width, what);
    size_t i = 0;
    int64_t value = 0;
    while (i < width && field[i] == ' ')
        i++;
    for (; i < width && field[i] >= '0' && field[i] <= '7'; i++)
        value = value * 8 + (field[i] - '0'); /* at most 36 bits */
    while (i < width && field[i] == ' ')
        i++;
    if (i < width && field[i])
        not_a_number(what);
    return value;
}

uint64_t number_in(const unsigned char *field, size_t width, const char *what) {
    int64_t value = number_signed(field, width, what);
    if (value < 0)
        tar_refuse("it is damaged: a %s is negative", what);
    return (uint64_t)value;
}
