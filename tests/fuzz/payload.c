/* Programs with something behind them: its place is behind what the program says of itself. */
#include "squashfs/payload.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct payload p;
    int fd = file_of(data, size);
    if (!payload_find(fd, &p)) {
        never(p.begin > INT64_MAX || strlen(p.digest) % DIGEST_TEXT);
        never(p.digest[0] && p.digest_at + DIGEST_TEXT > size);
        payload_verify(fd, &p);
    }
    close(fd);
    return 0;
}
