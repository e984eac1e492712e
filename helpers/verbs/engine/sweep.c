/* engine:sweep — what killed programs have left in a store is removed, as `clean` does it. */
#include "base/answer.h"
#include "base/events.h"
#include "base/fail.h"
#include "base/options.h"
#include "image/commit.h"
#include "image/leftovers.h"
#include "process/lifeline.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

static int list(const struct names *left) {
    for (size_t i = 0; i < left->count; i++) {
        struct json j;
        json_open(&j);
        json_text(&j, "name", left->all[i]);
        json_answer(&j);
    }
    return 0;
}

int verb_engine_sweep(int argc, char **argv) {
    bool dry_run = false;
    int at = words_read(argc, argv, (struct option[]){{"--dry-run", .flag = &dry_run}, {0}}, 1, 1);
    struct store s = store_at(argv[at]);
    if (!dry_run)
        commit_finish(&s);
    struct names left = leftovers_find(&s);
    if (dry_run)
        return list(&left);
    uint64_t links = leftovers_unlink(&s, &left);
    if (left.count)
        userns_try(0); /* before there is a second thread */
    watch_lifeline();
    struct swept done = leftovers_remove(&s, &left);
    finish_watching();
    struct json j;
    json_open(&j);
    json_number(&j, "directories", done.directories);
    json_number(&j, "links", links);
    json_number(&j, "bytes", done.removed.bytes);
    json_answer(&j);
    if (!done.removed.failed)
        return 0;
    removed_in_part(must_print("%s/tmp", s.path), &done.removed);
}
