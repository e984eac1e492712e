/* engine:commit — a finished work directory becomes an image. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "changes.h"
#include "engine.h"
#include "ids.h"
#include "kernel.h"
#include "must.h"
#include "overlay.h"
#include "remove.h"
#include "status.h"
#include "store.h"
#include "userns.h"
#include "walk.h"

/* A directory may be the data of somebody's changes, who has locked the one around it. */
static void claim_around(const char *directory) {
    char *path = realpath(directory, NULL), *slash = path ? strrchr(path, '/') : NULL;
    if (!slash || strcmp(slash, "/data") != 0)
        return;
    *slash = 0;
    struct stat st;
    int around = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (around >= 0 && fstatat(around, "work", &st, AT_SYMLINK_NOFOLLOW) == 0)
        changes_claim("take the data of", path, around);
}

/* With --take: into the work directory as its data. Returns 3 where that is not a rename, and
 * nothing has changed. */
static int take(const char *directory, int work, const char *name) {
    struct stat st;
    must(fstatat(AT_FDCWD, directory, &st, AT_SYMLINK_NOFOLLOW), "take", directory);
    if (!S_ISDIR(st.st_mode))
        fail((struct failure){.step = "take", .thing = directory, .error = ENOTDIR});
    if (fstatat(work, "data", &st, AT_SYMLINK_NOFOLLOW) == 0)
        fail((struct failure){.step = "take a directory into", .thing = name, .error = EEXIST});
    if (renameat(AT_FDCWD, directory, work, "data") == 0)
        return 0;
    if (errno != EXDEV)
        must(-1, "take", directory);
    return 3;
}

/* The kernel's mark of a directory that hides the ones below it is trusted.overlay.opaque
 * when root wrote it. A user's overlay looks only at user.overlay.opaque: with both,
 * everybody sees the same tree. */
static void mark_opaque(int fd) {
    char value[2] = "";
    if (fgetxattr(fd, "trusted.overlay.opaque", value, sizeof value) == 1 && value[0] == 'y')
        must(fsetxattr(fd, "user.overlay.opaque", "y", 1, 0), "mark as opaque a directory of",
             "the layer");
}

static void mark_begin(struct walk *w, struct tree *tree) {
    int fd =
        must(openat(*(int *)w->more, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", "the layer");
    mark_opaque(fd);
    walk_top(w, tree, fd, "");
}

static int mark_open(struct walk *w, struct directory *d, int parent) {
    (void)w;
    int fd = openat(parent, d->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    mark_opaque(must(fd, "open in the layer", d->name));
    return fd;
}

static void mark_entry(struct walk *w, struct worker *self, struct directory *d, struct entry e) {
    struct stat st;
    (void)w;
    if (e.type == DT_DIR ||
        (e.type == DT_UNKNOWN && fstatat(d->fd, e.name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
         S_ISDIR(st.st_mode)))
        walk_into(self, d, e.name);
}

static void mark_end(struct walk *w, struct tree *tree) {
    (void)w;
    free(tree);
}

static void mark_all_opaque(int data) {
    struct walk w = {.begin = mark_begin,
                     .open = mark_open,
                     .entry = mark_entry,
                     .end = mark_end,
                     .trees = 1,
                     .threads = 4,
                     .more = &data};
    walk_run(&w);
}

/* data -> _data/root, without the overlay's scratch directory. */
static void shape(const struct store *s, int work, const char *name) {
    int data = must(openat(work, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    "open data in", name);
    /* A build does not wait for the disk while it runs. Before it is called an image it does,
     * and an error the disk had is told here. */
    must(syncfs(data), "write to the disk", name);
    char *scratch[] = {must_copy("work")};
    struct removed gone = remove_names(work, scratch, 1, 1);
    if (gone.failed)
        fail((struct failure){
            .step = "remove the scratch directory of", .thing = name, .error = gone.error});
    if (!overlay_uses_userxattr(s))
        mark_all_opaque(data);
    close(data);
    if (mkdirat(work, "_data", 0755) < 0 && errno != EEXIST)
        must(-1, "make _data in", name);
    must(renameat(work, "data", work, "_data/root"), "move data to _data/root in", name);
}

int verb_engine_commit(int argc, char **argv) {
    const char *directory = NULL;
    const struct option known[] = {{"--take", .text = &directory}, {0}};
    int at = words_read(argc, argv, known, 3, 3);
    const char *name = argv[at + 2];
    if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, ".."))
        refuse("\"%s\" is not a name in the store's tmp directory", name);

    struct store s = store_at(argv[at]);
    store_refuse_anothers(&s);
    struct image parent = image_named(&s, argv[at + 1]);
    image_lock(&s, &parent); /* held to the end: it is not removed under our hands */
    int tmp = must(k_openat2(s.fd, "tmp", O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS),
                   "open in the store", "tmp");
    int work = must(openat(tmp, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    "open in the store's tmp", name);
    changes_claim("make an image of", must_print("%s/tmp/%s", s.path, name), work);
    if (directory)
        claim_around(directory);
    userns_try(0);
    if (directory && take(directory, work, name))
        return 3;
    shape(&s, work, name);

    /* The link first: without its target it is no image, to either program. A crash after
     * this line leaves that and nothing more; the rename makes the image. */
    unsigned long long id;
    char *link = ids_take(&s, &parent, &id), *place = must_print("%s/%llu", parent.place, id);
    if (renameat(tmp, name, s.fd, place) < 0) {
        int error = errno;
        unlinkat(s.fd, link, 0);
        fail((struct failure){.step = "move the new image to", .thing = place, .error = error});
    }
    printf("%llu\n", id);
    answer_is_out();
    return 0;
}
