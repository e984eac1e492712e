/* engine:remove — directories of the store's tmp/ are deleted. */
#include <errno.h>
#include <string.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "process/lifeline.h"
#include "store/store.h"
#include "tree/delete.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

int verb_engine_remove(int argc, char **argv) {
    uint64_t threads = REMOVE_THREADS;
    const struct option known[] = {{"--threads", .number = &threads}, {0}};
    int at = words_read(argc, argv, known, 2, -1);
    for (int i = at + 1; i < argc; i++)
        if (!*argv[i] || strchr(argv[i], '/') || !strcmp(argv[i], ".") || !strcmp(argv[i], ".."))
            refuse("cannot remove \"%s\": only a name in the store's tmp directory", argv[i]);
    userns_try(0);
    watch_lifeline();
    struct store s = store_at(argv[at]);
    int tmp =
        must(s.fd < 0 ? (errno = ENOENT, -1)
                      : k_openat2(s.fd, "tmp", O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS),
             "open in the store", "tmp");
    struct removed result = remove_names(tmp, argv + at + 1, (size_t)(argc - at - 1), threads);
    finish_watching();
    struct json j;
    json_open(&j);
    json_number(&j, "files", result.files);
    json_number(&j, "dirs", result.dirs);
    json_number(&j, "failed", result.failed);
    json_answer(&j);
    if (!result.failed)
        return 0;
    removed_in_part(must_print("%s/tmp", s.path), &result);
}
