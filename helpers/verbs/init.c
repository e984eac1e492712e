/* init — the store is made, or what is missing of it. */
#include <stddef.h>

#include "base/options.h"
#include "store/layout.h"
#include "verbs/verbs.h"

int verb_init(int argc, char **argv) {
    words_read(argc, argv, NULL, 0, 0);
    store_made();
    return 0;
}
