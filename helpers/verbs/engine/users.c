/* engine:users — who uses the images of a store. */
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/options.h"
#include "base/small_file.h"
#include "image/holders.h"
#include "process/lifeline.h"
#include "process/procfs.h"
#include "store/store.h"
#include "verbs/verbs.h"

static void report(void *of, const struct holder *h) {
    (void)of;
    char words[256] = "", name[32] = "";
    if (h->pid) {
        process_words(h->dir, words, sizeof words);
        small_file_read(h->dir, "comm", name, sizeof name);
    }
    struct json j;
    json_open(&j);
    json_raw(&j, "image", h->image);
    json_text(&j, "how", h->how);
    json_number(&j, "pid", (uint64_t)h->pid);
    json_text(&j, "command", words);
    /* The monitor or the keeper of a run, not what runs in it. */
    json_bool(&j, "plash", !strcmp(name, "plash\n"));
    json_text(&j, "work", h->work);
    json_text(&j, "place", h->place);
    json_write(&j, STDOUT_FILENO);
}

int verb_engine_users(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, 2);
    watch_lifeline();
    struct store store = store_at(argv[at]);
    holders_find(&store, argv[at + 1], report, NULL);
    return 0;
}
