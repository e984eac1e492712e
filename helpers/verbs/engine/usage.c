/* engine:usage — what directories take on the disk, to the byte as du counts it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/events.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "image/du_metadata.h"
#include "process/lifeline.h"
#include "store/store.h"
#include "tree/du.h"
#include "tree/du_cache.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct asked {
    struct measured sum; /* first, since du_count finds it as that */
    int store;
    bool beside_layers;
    _Atomic size_t unanswered;
    _Atomic bool failed;
};

static void answer(struct asked *asked, struct json *j) {
    if (atomic_fetch_sub(&asked->unanswered, 1) == 1)
        finish_watching();
    json_answer(j);
}

static void usage_entry(struct walk *w, struct worker *self, struct directory *d, struct entry e) {
    struct stat st;
    bool beside_layers = ((const struct asked *)w->more)->beside_layers;
    bool directory = e.type == DT_DIR;
    if (beside_layers && beside_leaves_out(w, d, e.name))
        return;
    if (!directory) {
        if (fstatat(d->fd, e.name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
            atomic_fetch_add(&d->tree->failed, 1);
            return;
        }
        directory = S_ISDIR(st.st_mode);
    }
    if (!directory) {
        du_count(w, d->tree, &st);
        beside_file(d, e.name, &st);
    } else if (beside_layers) {
        beside_directory(w, self, d, e.name);
    } else {
        walk_into(self, d, e.name);
    }
}

static int usage_open(struct walk *w, struct directory *d, int parent) {
    struct stat st;
    int fd = openat(parent, d->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    /* What may not be read still takes its own blocks. */
    bool seen =
        fd >= 0 ? fstat(fd, &st) == 0 : fstatat(parent, d->name, &st, AT_SYMLINK_NOFOLLOW) == 0;
    if (seen && !d->mark) {
        du_count(w, d->tree, &st);
        beside_opened(d, &st);
    }
    if (!seen || fd < 0)
        atomic_fetch_add(&d->tree->failed, 1);
    return fd;
}

static void answer_tree(struct walk *w, struct tree *tree) {
    struct asked *asked = w->more;
    struct json j;
    json_open(&j);
    json_number(&j, "n", tree->index);
    json_number(&j, "allocated", tree->allocated);
    if (!asked->beside_layers) { /* of what is kept they are not known */
        json_number(&j, "apparent", tree->apparent);
        json_number(&j, "files", tree->files);
        json_number(&j, "dirs", tree->dirs);
    }
    json_number(&j, "failed", tree->failed);
    answer(asked, &j);
    if (tree->failed)
        asked->failed = true;
    du_end(tree);
}

static void begin_tree(struct walk *w, struct tree *tree) {
    struct asked *asked = w->more;
    const char *path = asked->sum.paths[tree->index];
    du_begin(tree);
    struct stat st;
    int fd = k_openat2(asked->store, path, O_PATH | O_NOFOLLOW, K_BENEATH | K_NO_SYMLINKS);
    if (fd >= 0)
        must(fstat(fd, &st), "measure", path);
    else if (!is_absent(errno) && errno != EACCES)
        must(fd, "measure", path);
    if (fd < 0) {
        struct json j;
        json_open(&j);
        json_number(&j, "n", tree->index);
        json_bool(&j, "missing", true);
        answer(asked, &j);
        du_end(tree);
        return;
    }
    du_count(w, tree, &st);
    int readable = S_ISDIR(st.st_mode) ? openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    close(fd);
    if (readable >= 0) {
        walk_top(w, tree, readable, "");
        return;
    }
    if (S_ISDIR(st.st_mode))
        atomic_fetch_add(&tree->failed, 1);
    answer_tree(w, tree);
}

static void usage_progress(struct walk *w) {
    struct asked *asked = w->more;
    struct json j;
    event_open(&j, "progress");
    json_number(&j, "files", asked->sum.files);
    json_number(&j, "bytes", asked->sum.bytes);
    event_send(&j);
}

int verb_engine_usage(int argc, char **argv) {
    /* More than there are processors: on a cold disk they wait, and the more requests wait
     * with it, the better the disk orders them. Warm, it makes no difference. */
    uint64_t threads = 8;
    bool beside_layers = false;
    const char *kept = "";
    const struct option known[] = {{"--threads", .number = &threads},
                                   {"--beside-layers", .flag = &beside_layers},
                                   {"--kept", .text = &kept},
                                   {0}};
    int at = words_read(argc, argv, known, 2, -1);
    userns_try(0);
    watch_lifeline();
    struct store s = store_at(argv[at]);
    size_t trees = (size_t)(argc - at - 1);
    struct asked asked = {.sum.paths = argv + at + 1,
                          .store = s.fd,
                          .beside_layers = beside_layers,
                          .unanswered = trees};
    struct walk w = {
        .begin = begin_tree,
        .open = usage_open,
        .entry = usage_entry,
        .end = answer_tree,
        .progress = status_fd >= 0 ? usage_progress : NULL,
        .trees = trees,
        .threads = threads,
        .more = &asked,
    };
    nodes_load(kept);
    walk_run(&w);
    if (!asked.failed)
        nodes_save(kept);
    return 0;
}
