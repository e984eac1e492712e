/* engine:commit — a finished work directory becomes an image. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/options.h"
#include "image/commit.h"
#include "image/upperdir.h"
#include "layer/implied.h"
#include "store/store.h"
#include "store/workdir.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

/* The members of a JSON object on standard input: what is between its braces. */
static char *read_more(void) {
    char *text = NULL;
    size_t room = 0;
    ssize_t n = getdelim(&text, &room, 0, stdin);
    char *begin = n > 0 ? strchr(text, '{') : NULL, *end = n > 0 ? strrchr(text, '}') : NULL;
    if (!begin || !end || end < begin)
        refuse("--more wants a JSON object on standard input");
    *end = 0;
    return begin + 1 + strspn(begin + 1, " \t\r\n") == end ? NULL : begin + 1;
}

int verb_engine_commit(int argc, char **argv) {
    struct birth b = {0};
    bool more = false, unsynced = false;
    const char *implied = NULL;
    const struct option known[] = {{"--origin", .text = &b.origin},
                                   {"--more", .flag = &more},
                                   {"--implied", .text = &implied},
                                   {"--unsynced", .flag = &unsynced},
                                   {0}};
    int at = words_read(argc, argv, known, 3, 3);
    if (more)
        b.more = read_more();
    struct store s = store_at(argv[at]);
    store_refuse_anothers(&s);
    struct image parent = image_named(&s, argv[at + 1]);
    image_lock(&s, &parent); /* held to the end: it is not removed under our hands */
    struct workdir w = workdir_named(&s, argv[at + 2]);
    changes_claim("make an image of", w.path, w.fd);
    int list = implied ? must(open(implied, O_RDONLY | O_CLOEXEC), "read", implied) : -1;
    userns_try(0);
    b.from_tar = implied;
    if (implied) {
        int content = must(openat(w.fd, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                           "open data in", w.name);
        implied_settle(&s, &parent, content, list);
        close(content);
    }
    puts(commit_workdir(&s, &parent, &w, &b, !unsynced));
    answer_is_out();
    return 0;
}
