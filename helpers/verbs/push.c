/* push:tarfile — an image as a plain tar, on standard output or in a file.
 *
 * Compressed files, pipes and whatever else is not simply a file are plashui's, and so is to draw
 * progress, and to say what is wrong with a file that cannot be written. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "process/inherited.h"
#include "process/python_handover.h"
#include "store/store.h"
#include "verbs/engine/pack.h"
#include "verbs/verbs.h"

struct target {
    const char *path, *name;
    int directory, file; /* the file has no name yet: killed, we leave nothing */
};

static bool means_plain(const char *name) {
    const char *dot = strrchr(name, '.');
    return !dot || !strcmp(dot, ".tar");
}

/* False if that is not for us. */
static bool open_target(struct target *t) {
    struct stat st;
    const char *slash = strrchr(t->path, '/');
    t->name = slash ? slash + 1 : t->path;
    if (!*t->name || *t->path == '-' || !means_plain(t->name) || isatty(STDERR_FILENO) ||
        (lstat(t->path, &st) == 0 && !S_ISREG(st.st_mode)))
        return false;
    char *parent = must_print("%.*s.", (int)(t->name - t->path), t->path);
    t->directory = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->directory < 0)
        return false;
    mode_t ours = umask(umask_of_caller());
    t->file = openat(t->directory, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    umask(ours);
    return t->file >= 0;
}

/* In place of a file that has the name, if there is one. As plashui calls what it has not finished,
 * and takes away if its maker is gone. */
static void give_name(const struct target *t) {
    char *nameless = must_print("/proc/self/fd/%d", t->file);
    char *beside = must_print("%.220s.partial-%d", t->name, getpid());
    flock(t->file, LOCK_EX); /* by which plashui tells that its maker is there */
    must(fsync(t->file), "write", t->path);
    must(linkat(AT_FDCWD, nameless, t->directory, beside, AT_SYMLINK_FOLLOW), "write", t->path);
    if (renameat(t->directory, beside, t->directory, t->name) == 0)
        return;
    int error = errno;
    unlinkat(t->directory, beside, 0);
    fail((struct failure){.step = "write", .thing = t->path, .error = error});
}

int verb_push_tarfile(int argc, char **argv) {
    bool stream = argc == 2 || (argc == 3 && !strcmp(argv[2], "-"));
    if ((!stream && argc != 3) || argv[1][0] == '-' || (stream && isatty(STDOUT_FILENO)))
        hand_over(argv - 1);
    struct store s = store_here();
    struct image image = image_with_files(&s, argv[1]);
    if (stream)
        return pack_image(&s, &image, STDOUT_FILENO);
    struct target t = {.path = argv[2]};
    if (!open_target(&t))
        hand_over(argv - 1);
    int status = pack_image(&s, &image, t.file);
    if (status == PACK_UNWRITABLE)
        hand_over(argv - 1);
    if (status == 0)
        give_name(&t);
    return status;
}
