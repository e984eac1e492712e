/* passwd(5) of an image. */
#include "../../helpers/accounts.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct account found;
    if (account_in(file_of(data, size), 0, &found)) {
        never(strpbrk(found.name, ":\n") || strpbrk(found.home, ":\n") ||
              strpbrk(found.shell, ":\n"));
        free(found.name);
        free(found.home);
        free(found.shell);
    }
    return 0;
}
