/* pull:tarfile — a tar in a file becomes an image.
 *
 * What goes right with a file. The rest is plashui's: to read pipes, to draw progress, and to find
 * out what was wrong, for which it does it all again. It decompresses big files, too: it has the
 * faster libraries, and here it is about not starting it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/program.h"
#include "image/commit.h"
#include "image/leftovers.h"
#include "process/monitor.h"
#include "process/python_handover.h"
#include "store/layout.h"
#include "store/workdir.h"
#include "userns/userns.h"
#include "verbs/engine/extract.h"
#include "verbs/verbs.h"

enum {
    WORTH_WATCHING = 64 << 20, /* bytes that take a second or so */
    SMALL = 8 << 20,           /* compressed */
};

/* The program that decompresses a file which begins so; or NULL. */
static const char *unpacker(const char *begin) {
    static const struct {
        const char *magic, *program;
    } known[] = {{"\x1f\x8b", "gzip"},
                 {"\xfd\x37zXZ", "xz"},
                 {"BZh", "bzip2"},
                 {"\x28\xb5\x2f\xfd", "zstd"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (!strncmp(begin, known[i].magic, strlen(known[i].magic)))
            return usual_program(known[i].program);
    return NULL;
}

struct source {
    int file;
    off_t begin;          /* where it was when we got it */
    const char *unpacker; /* or NULL, for a plain tar (POSIX.1-1988 and all that came later) */
    pid_t unpacking;
};

/* False if it is not. */
static bool is_for_us(struct source *source) {
    struct stat st;
    char begin[512] = "";
    if (fstat(source->file, &st) < 0 || !S_ISREG(st.st_mode) ||
        (source->begin = lseek(source->file, 0, SEEK_CUR)) < 0 ||
        pread(source->file, begin, sizeof begin, source->begin) < 6)
        return false;
    off_t size = st.st_size - source->begin;
    if (!memcmp(begin + 257, "ustar", 5))
        return size <= WORTH_WATCHING || !isatty(STDERR_FILENO);
    source->unpacker = unpacker(begin);
    return source->unpacker && size <= SMALL;
}

/* Standard input becomes the plain tar. */
static void open_tar(struct source *source, const char *name) {
    if (source->file != STDIN_FILENO)
        must(dup2(source->file, STDIN_FILENO), "read", name);
    if (!source->unpacker)
        return;
    struct rlimit before, limit;
    must(getrlimit(RLIMIT_DATA, &before), "limit the memory of", source->unpacker);
    limit = before;
    if (limit.rlim_cur > MOST_MEMORY_TO_UNPACK)
        limit.rlim_cur = MOST_MEMORY_TO_UNPACK;
    must(setrlimit(RLIMIT_DATA, &limit), "limit the memory of", source->unpacker);
    char *argv[] = {must_copy(source->unpacker), must_copy("-dc"), NULL};
    struct child c = child_start(source->unpacker, argv, STDOUT_FILENO);
    setrlimit(RLIMIT_DATA, &before);
    if (c.error)
        fail((struct failure){.step = "start", .thing = source->unpacker, .error = c.error});
    source->unpacking = c.pid;
    must(dup2(c.said, STDIN_FILENO), "read from", source->unpacker);
    close(c.said);
}

/* Whether all of it was decompressed. */
static bool close_tar(const struct source *source, int nowhere) {
    if (!source->unpacking)
        return true;
    must(dup2(nowhere, STDIN_FILENO), "close", "a pipe"); /* which ends who still writes to it */
    return child_status(source->unpacking) == 0;
}

/* Open the file; -1: it is not a regular file, or its name means something to plashui. Opening a
 * pipe would disturb its writer. */
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

int verb_pull_tarfile(int argc, char **argv) {
    struct source source = {.file = open_file(argc, argv)};
    if (source.file < 0 || !is_for_us(&source))
        hand_over(argv - 1);
    bool from_stdin = source.file == STDIN_FILENO;
    int again = must(dup(source.file), "keep", "the file");
    must(fcntl(again, F_SETFD, FD_CLOEXEC), "keep", "the file");

    struct store s = store_made();
    struct workdir w = workdir_new(&s);
    workdir_remove_on_failure(&w);
    must(mkdirat(w.fd, "data", 0755), "make data in", w.name);
    int data = must(openat(w.fd, "data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    "open data in", w.name);
    int nowhere = must(open("/dev/null", O_RDWR | O_CLOEXEC), "open", "/dev/null");
    struct extracted left_out;
    open_tar(&source, argv[1]);
    int status = extract(data, w.path, nowhere, false, -1, false, &left_out);
    bool decompressed = close_tar(&source, nowhere);
    if (status || !decompressed) {
        remove_in_namespace(&w);
        if (status && (!WIFEXITED(status) || !left_out.inside))
            return end_like(status);
        lseek(again, source.begin, SEEK_SET); /* plashui knows what to do about it */
        must(dup2(again, STDIN_FILENO), "read", "the file");
        hand_over(argv - 1);
    }

    extracted_is_whole(&left_out);
    const char *slash = from_stdin ? NULL : strrchr(argv[1], '/');
    struct birth b = {.origin = from_stdin ? "stdin" : slash ? slash + 1 : argv[1]};
    if (left_out.of.devices)
        b.more = must_print("\"skipped_devices\": %llu", (unsigned long long)left_out.of.devices);
    char *id = import(&s, &w, &b);
    workdir_keep();
    extracted_say_left_out(&left_out);
    answer_image(id);
    sweep(&s);
    return 0;
}
