/* push:dir — an image as a new directory: what one tar packs another unpacks.
 *
 * What goes right with a new name. Directories that are there, what killed programs have left
 * beside, to draw progress, and to find out what was wrong, for which it does it all again, are
 * plashui's. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/fail.h"
#include "base/program.h"
#include "base/quote.h"
#include "process/monitor.h"
#include "process/python_handover.h"
#include "store/store.h"
#include "tree/delete.h"
#include "userns/userns.h"
#include "verbs/engine/extract.h"
#include "verbs/engine/pack.h"
#include "verbs/verbs.h"

enum { UNWRITABLE = 100, SAID_WHY = 1 }; /* statuses of who packs */

/* `beside` is in `parent`, as plashui calls what it has not finished, and takes away if its maker
 * is gone; nobody else can reach what is in it before it is whole: `root` of it gets the name. */
struct copy {
    char *path, *name, *beside;
    int parent, lock, root;
};

static bool begins_with(int dir, const char *name, const void *start) {
    (void)dir;
    return !strncmp(name, start, strlen(start));
}

/* Whether a name in the directory begins so; also if that cannot be told. */
static bool is_there(int dir, const char *start) {
    return directory_has(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), begins_with, start);
}

/* False if that is not for us. */
static bool open_parent(struct copy *c, const struct store *s) {
    struct stat st;
    char *slash = strrchr(c->path, '/');
    c->name = slash ? slash + 1 : c->path;
    if (!*c->name || strlen(c->name) > 200 || isatty(STDERR_FILENO) || lstat(c->path, &st) == 0 ||
        errno != ENOENT)
        return false;
    char *parent = must_print("%.*s.", (int)(c->name - c->path), c->path);
    char *real = realpath(parent, NULL);
    if (!real || path_is_in(real, s->path))
        return false;
    c->parent = open(real, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    c->beside = must_print("%s.partial-", c->name);
    if (c->parent < 0 || is_there(c->parent, c->beside))
        return false;
    c->beside = must_print("%s%d", c->beside, getpid());
    return true;
}

/* Whose it is can differ from who we are, but for in the user namespace. */
static void remove_beside(const struct copy *c) {
    pid_t pid = fork();
    if (pid == 0) {
        userns_try(0);
        remove_names(c->parent, (char *[]){c->beside}, 1, REMOVE_THREADS);
        _exit(0);
    }
    if (pid > 0)
        child_status(pid);
}

static struct copy doomed;

static void remove_doomed(void) {
    remove_beside(&doomed);
}

/* False, and nothing made, where it cannot be: plashui says why. */
static bool make_beside(struct copy *c) {
    struct stat locked, there;
    int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    if (mkdirat(c->parent, c->beside, 0700) < 0)
        return false;
    doomed = *c;
    on_failure(remove_doomed);
    c->lock = must(openat(c->parent, c->beside, flags), "open", c->beside);
    flock(c->lock, LOCK_EX); /* a file system may have none */
    must(mkdirat(c->lock, "root", 0755), "make", c->path);
    c->root = must(openat(c->lock, "root", flags), "open", c->path);
    if (fstat(c->lock, &locked) < 0 || locked.st_uid != geteuid() ||
        fstatat(c->parent, c->beside, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
        there.st_ino != locked.st_ino)
        refuse("cannot write %s: somebody else has put another directory there", c->path);
    return true;
}

/* In a process of its own, whose end of the pipe is the result. */
static pid_t start_packing(const struct store *s, const struct image *image, int *tar) {
    int ends[2];
    must(pipe2(ends, O_CLOEXEC), "make a pipe", NULL);
    pid_t pid = must(fork(), "start", "a process");
    if (pid == 0) {
        close(ends[0]);
        int status = pack_image(s, image, ends[1]);
        _exit(status == PACK_UNWRITABLE ? UNWRITABLE : status);
    }
    close(ends[1]);
    *tar = ends[0];
    return pid;
}

static void give_name(const struct copy *c) {
    int error = renameat(c->lock, "root", c->parent, c->name) < 0 ? errno : 0;
    if (error == EACCES || error == EPERM) {
        /* Where only the owner may (sticky), and that is a subordinate id. */
        pid_t pid = must(fork(), "start", "a process");
        if (pid == 0) {
            userns_try(0);
            _exit(renameat(c->lock, "root", c->parent, c->name) < 0 ? errno : 0);
        }
        int status = child_status(pid);
        error = WIFEXITED(status) ? WEXITSTATUS(status) : error;
    }
    if (error)
        fail((struct failure){.step = "write", .thing = c->path, .error = error});
    unlinkat(c->parent, c->beside, AT_REMOVEDIR);
}

static int end_without(const struct copy *c, int status) {
    on_failure(NULL);
    remove_beside(c);
    return end_like(status);
}

int verb_push_dir(int argc, char **argv) {
    if (argc != 3 || argv[1][0] == '-' || argv[2][0] == '-')
        hand_over(argv - 1);
    struct store s = store_here();
    struct image image = image_with_files(&s, argv[1]);
    struct copy c = {.path = argv[2]};
    sigset_t all;
    sigfillset(&all);
    if (!open_parent(&c, &s))
        hand_over(argv - 1);
    /* Both that pack and unpack hear of signals, and end; then we remove what there is. */
    sigprocmask(SIG_SETMASK, &all, NULL);
    if (!make_beside(&c))
        hand_over(argv - 1);
    int nowhere = must(open("/dev/null", O_WRONLY | O_CLOEXEC), "open", "/dev/null"), tar;
    pid_t packing = start_packing(&s, &image, &tar);
    must(dup2(tar, STDIN_FILENO), "read", "a pipe");
    close(tar);
    struct extracted done = {0};
    int unpacked = extract(c.root, c.path, nowhere, geteuid() != 0, -1, false, &done);
    must(dup2(nowhere, STDIN_FILENO), "close", "a pipe"); /* which ends who still writes to it */
    int packed = child_status(packing);
    if (WIFSIGNALED(unpacked))
        return end_without(&c, unpacked);
    if (packed && WEXITSTATUS(packed) != UNWRITABLE) /* it has said why */
        return end_without(&c, packed);
    if (WIFEXITED(unpacked) && WEXITSTATUS(unpacked) == SAID_WHY && !done.inside)
        return end_without(&c, unpacked);
    if (packed || unpacked || !done.of.whole) {
        on_failure(NULL);
        remove_beside(&c);
        hand_over(argv - 1); /* which knows what to do about it */
    }
    give_name(&c);
    on_failure(NULL);
    extracted_say_left_out(&done);
    if (done.map == MAP_FULL)
        dprintf(STDERR_FILENO,
                "It belongs to your subordinate ids: plash sudo rm -rf %s removes it\n",
                words_quoted((char *[]){c.path, NULL}));
    return 0;
}
