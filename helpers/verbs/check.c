/* check — a child of an image that is another one once a file has changed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/fingerprint.h"
#include "base/options.h"
#include "image/commit.h"
#include "store/session_memory.h"
#include "verbs/verbs.h"

static char *make(const struct store *s, const struct image *parent, const char *where) {
    struct birth b = {.origin = must_print("check %s", where)};
    struct workdir w = workdir_new(s);
    workdir_remove_on_failure(&w);
    must(mkdirat(w.fd, "data", 0755), "make data in", w.path);
    char *id = commit_workdir(s, parent, &w, &b, false);
    workdir_keep();
    return id;
}

int verb_check(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 2, 2);
    const char *path = operand_path(argv[at + 1]);
    struct store s = store_here();
    struct image parent = image_with_files(&s, argv[at]), made;
    char *where = must_have(realpath(path, NULL), "look at", path);
    struct key k = key_begin();
    key_word(&k, "check");
    key_word(&k, parent.id);
    key_word(&k, where);
    key_word(&k, fingerprint(where));
    char *note = memory_of_key(key_end(&k));
    if (memory_read(&s, note, &made)) {
        puts(made.id);
    } else {
        store_refuse_anothers(&s);
        image_lock(&s, &parent);
        char *id = make(&s, &parent, where);
        memory_write(&s, note, id);
        answer_image(id);
    }
    answer_is_out();
    return 0;
}
