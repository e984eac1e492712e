/* pull:tarfile — a tar in a file becomes an image.
 *
 * What goes right with a plain tar. The rest is plashui's: to decompress, to read a pipe twice, to
 * draw progress, and to find out what was wrong, for which it does it all again. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commit.h"
#include "engine.h"
#include "extract.h"
#include "handover.h"
#include "layout.h"
#include "must.h"
#include "program.h"
#include "status.h"
#include "userns.h"
#include "waiter.h"
#include "workdir.h"

enum { WORTH_WATCHING = 64 << 20 }; /* bytes that take a second or so */

/* A plain tar (POSIX.1-1988, ustar, and all that came later), from where `fd` is. */
static bool is_for_us(int fd) {
    struct stat st;
    char header[512];
    off_t at = lseek(fd, 0, SEEK_CUR);
    if (at < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return false;
    if (st.st_size - at > WORTH_WATCHING && isatty(STDERR_FILENO))
        return false;
    return pread(fd, header, sizeof header, at) == (ssize_t)sizeof header &&
           !memcmp(header + 257, "ustar", 5);
}

/* -1: what it is called is no regular file, or means something to plashui. To open a pipe would
 * disturb whoever writes to it. */
static int open_file(int argc, char **argv) {
    struct stat st;
    if (argc == 1 || (argc == 2 && !strcmp(argv[1], "-")))
        return STDIN_FILENO;
    if (argc > 2 || argv[1][0] == '-' || stat(argv[1], &st) < 0 || !S_ISREG(st.st_mode))
        return -1;
    return open(argv[1], O_RDONLY | O_CLOEXEC);
}

/* By a child: we could not leave the user namespace again. */
static void remove_in_namespace(const struct workdir *w) {
    pid_t pid = must(fork(), "start", "a process");
    if (pid == 0) {
        userns_try(0);
        workdir_remove(w);
        _exit(0);
    }
    child_status(pid);
    workdir_keep();
}

/* By a child too: a process with threads, as those that watch the tar, cannot enter a user
 * namespace. */
static char *import(const struct store *s, const struct workdir *w, const struct birth *b) {
    struct image empty = image_named(s, "0");
    int answer[2];
    char id[ID_SIZE] = "";
    image_lock(s, &empty);
    must(pipe2(answer, O_CLOEXEC), "make a pipe", NULL);
    pid_t pid = must(fork(), "start", "a process");
    if (pid == 0) {
        userns_try(0);
        _exit(dprintf(answer[1], "%s", commit_workdir(s, &empty, w, b, true)) < 0);
    }
    close(answer[1]);
    int status = child_status(pid);
    if (status || read(answer[0], id, sizeof id - 1) <= 0) {
        remove_in_namespace(w);
        exit(status ? end_like(status) : 1); /* it has said why */
    }
    close(answer[0]);
    return must_copy(id);
}

static void tell(uint64_t count, const char *one, const char *many) {
    if (count)
        dprintf(STDERR_FILENO, "%llu %s\n", (unsigned long long)count, count == 1 ? one : many);
}

int verb_pull_tarfile(int argc, char **argv) {
    int file = open_file(argc, argv);
    if (file < 0 || !is_for_us(file))
        hand_over(argv - 1);
    off_t begin = lseek(file, 0, SEEK_CUR);
    if (file != STDIN_FILENO)
        must(dup2(file, STDIN_FILENO), "read", argv[1]);

    struct store s = store_made();
    struct workdir w = workdir_new(&s);
    workdir_remove_on_failure(&w);
    must(mkdirat(w.fd, "data", 0755), "make data in", w.name);
    int data = must(openat(w.fd, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    "open data in", w.name);
    int nowhere = must(open("/dev/null", O_WRONLY | O_CLOEXEC), "open", "/dev/null");
    struct extracted left_out;
    int status = extract(data, w.path, nowhere, &left_out);
    if (status) {
        remove_in_namespace(&w);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != 2)
            return end_like(status);
        lseek(STDIN_FILENO, begin, SEEK_SET); /* tar's own errors; plashui explains them */
        hand_over(argv - 1);
    }

    const char *name = file == STDIN_FILENO ? NULL : strrchr(argv[1], '/');
    struct birth b = {.origin = file == STDIN_FILENO ? "stdin" : name ? name + 1 : argv[1]};
    if (left_out.devices)
        b.more = must_print("\"skipped_devices\": %llu", (unsigned long long)left_out.devices);
    char *id = import(&s, &w, &b);
    workdir_keep();
    tell(left_out.devices, "device node left out", "device nodes left out");
    tell(left_out.attributes, "attribute could not be kept", "attributes could not be kept");
    answer_image(id);
    return 0;
}
