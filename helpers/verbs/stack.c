/* stack — a directory becomes the layer of a new image. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/directory.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/program.h"
#include "image/commit.h"
#include "image/upperdir.h"
#include "store/layout.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

/* A directory in the store may become a layer if it is not part of the store's own structure: the
 * content of a work directory, or what somebody has put there. */
static bool is_the_stores_own(const char *inside) {
    static const char *const parts[] = {"index",  "layer", "map",     "mnt",       "trash",
                                        "memory", "kept",  "volumes", "downloads", "blobs"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (path_is_in(inside, parts[i]))
            return true;
    return !strcmp(inside, "tmp") || strncmp(inside, "tmp/kept_", 9) == 0;
}

/* Nobody else may be writing to it: whoever does has locked the directory in tmp/ that it is in, or
 * the one that has it as `data`. */
static void claim(const struct store *s, char *directory) {
    size_t n = strlen(s->path);
    struct stat st;
    if (path_is_in(s->path, directory))
        refuse("cannot stack %s: the store is in it", directory);
    bool inside = path_is_in(directory, s->path);
    if (inside && is_the_stores_own(directory + n + 1))
        refuse("cannot stack %s: it is part of the store", directory);
    char *around = must_copy(directory), *slash = strrchr(around, '/');
    if (inside && path_is_in(directory + n, "/tmp"))
        slash = strchrnul(around + n + strlen("/tmp/"), '/');
    else if (strcmp(slash, "/data") != 0)
        return;
    *slash = 0;
    int fd = open(around, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && (inside || fstatat(fd, "work", &st, AT_SYMLINK_NOFOLLOW) == 0))
        changes_claim("take the data of", around, fd);
}

/* A directory made by mkdtemp is its maker's alone. As the root of an image it would shut out all
 * others. */
static void open_to_others(const struct store *s, const char *directory) {
    struct stat st;
    char *parent = must_print("%s/tmp/", s->path);
    size_t n = strlen(parent);
    if (!strncmp(directory, parent, n) && !strchr(directory + n, '/') &&
        stat(directory, &st) == 0 && (st.st_mode & 0777) == 0700)
        must(chmod(directory, 0755), "open to others", directory);
}

/* The directory stays where it is. */
static char *commit_copy(const struct store *s, const struct image *parent, char *directory,
                         const struct birth *b) {
    struct workdir w = workdir_new(s);
    workdir_remove_on_failure(&w);
    char *words[] = {must_copy("cp"),
                     must_copy("-a"),
                     must_copy("--reflink=auto"),
                     must_copy("--sparse=always"),
                     must_copy("-T"),
                     must_copy("--"),
                     directory,
                     must_print("%s/data", w.path),
                     NULL};
    char *cp = usual_program("cp");
    pid_t pid = must(fork(), "start", "cp");
    if (pid == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        execv(cp ? cp : "/bin/cp", words);
        must(-1, "start", "cp");
    }
    if (child_status(pid) != 0)
        refuse("cannot copy %s into the store", directory);
    return commit_workdir(s, parent, &w, b, false);
}

int verb_stack(int argc, char **argv) {
    static const char step[] = "stack";
    int at = words_read(argc, argv, NULL, 2, 2);
    const char *directory = operand_path(argv[at + 1]);
    char *real = must_have(realpath(directory, NULL), step, directory);
    struct stat st;
    must(stat(real, &st), step, directory);
    if (!S_ISDIR(st.st_mode))
        fail((struct failure){.step = step, .thing = directory, .error = ENOTDIR});
    struct store s = store_made();
    struct image parent = image_named(&s, argv[at]);
    image_lock(&s, &parent); /* held to the end: it is not removed under our hands */
    claim(&s, real);
    userns_try(0);
    open_to_others(&s, real);
    /* The path of a work directory says nothing, and is gone. */
    bool nameless = path_is_in(real, must_print("%s/tmp", s.path));
    struct birth b = {.origin = nameless ? "stack" : must_print("stack %s", directory)};
    char *id = commit_directory(&s, &parent, real, &b);
    answer_image(id ? id : commit_copy(&s, &parent, real, &b));
    return 0;
}
