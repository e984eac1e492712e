/* The header of a member (POSIX.1-1988, "ustar"), and writing it; writing the records of an
 * extended header (POSIX.1-2001, "pax"). */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { BLOCK = 512 };

/* In GNU's old form other fields are in place of the prefix. */
struct header {
    unsigned char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], checksum[8], type,
        link[100], magic[8], uname[32], gname[32], major[8], minor[8], prefix[155], rest[12];
};

/* Write a number into a field of so many bytes. */
void header_number(unsigned char *field, size_t width, uint64_t value);

/* Write a number into a field; one that is too big becomes a record with this key, and the field 0.
 * Returns the length of the record, at most RECORD_ROOM bytes; 0: there is none. */
size_t header_number_or_record(unsigned char *field, size_t width, uint64_t value, const char *key,
                               char *record);

/* Write the sum of the header into it, at last. */
void header_sum(struct header *h);

/* Write "LENGTH KEY=VALUE\n", whose length counts itself; return the length. There is room for
 * RECORD_ROOM bytes more than a long key and a value have. */
enum { RECORD_ROOM = 64 };
size_t record_put(char *to, const char *key, const void *value, size_t size);
