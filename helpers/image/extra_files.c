#include "image/extra_files.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"
#include "layer/directory_facts.h"
#include "layer/merged.h"

enum { READ = O_RDONLY | O_DIRECTORY | O_CLOEXEC };

void extra_files_read(struct extra_files *files) {
    files->text = must_allocate(MOST_EXTRA + 1, 1);
    ssize_t n;
    while ((n = read(STDIN_FILENO, files->text + files->length, MOST_EXTRA - files->length)) > 0)
        files->length += (size_t)n;
    must((int)n, "read", "standard input");
    if (files->length == MOST_EXTRA)
        refuse("the files for the image are larger than %d bytes", MOST_EXTRA);
}

struct making {
    const char *path; /* for messages */
    struct timespec times[2];
};

/* What was made in a directory does not show in its time. */
static void keep_time(int directory, const struct stat *before, const char *path) {
    const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, before->st_mtim};
    must(futimens(directory, times), "set the time of a directory in the image for", path);
}

static int make_directory(const struct making *m, int at, const char *name) {
    struct stat before;
    must(fstat(at, &before), "look in the image for", m->path);
    if (mkdirat(at, name, 0755) < 0)
        return -1;
    int made = must(openat(at, name, READ | O_NOFOLLOW), "make in the image", m->path);
    must(fchmod(made, 0755), "set the mode of", m->path);
    must(futimens(made, m->times), "set the time of", m->path);
    keep_time(at, &before, m->path);
    return made;
}

/* The directory in which the last part of the path is; that part is left in `name`. Returns -1 if
 * only a directory is asked for, and something else has its name. */
static int parent_of(const struct making *m, int root, char *path, const char **name) {
    int at = must(openat(root, ".", READ), "open", "the image");
    char *part = path + strspn(path, "/");
    for (char *slash; (slash = strchr(part, '/'));) {
        *slash = 0;
        int next = k_openat2(root, path, READ, K_IN_ROOT | K_NO_MAGICLINKS);
        if (next < 0 && errno == ENOENT)
            next = make_directory(m, at, part);
        int error = errno;
        close(at);
        errno = error;
        if (next < 0 && (errno == EEXIST || errno == ENOTDIR) &&
            m->path[strlen(m->path) - 1] == '/')
            return -1;
        at = must(next, "write in the image at", m->path);
        *slash = '/';
        part = slash + strspn(slash, "/");
    }
    *name = part;
    return at;
}

static void write_file(const struct making *m, int at, const char *name, mode_t mode,
                       const char *content) {
    static const char step[] = "write in the image at";
    struct stat before;
    must(fstat(at, &before), step, m->path);
    if (unlinkat(at, name, 0) < 0 && errno != ENOENT)
        must(-1, step, m->path);
    int fd = must(openat(at, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
                  step, m->path);
    for (size_t left = strlen(content); left;) {
        ssize_t n = write(fd, content, left);
        must(n < 0 ? -1 : 0, step, m->path);
        content += n;
        left -= (size_t)n;
    }
    must(fchmod(fd, mode), step, m->path);
    must(futimens(fd, m->times), step, m->path);
    close(fd);
    keep_time(at, &before, m->path);
}

/* The next string of the text; what has no NUL at its end was cut. */
static char *next_word(const struct extra_files *files, size_t *at) {
    char *word = files->text + *at;
    char *end = memchr(word, 0, files->length - *at);
    if (!end)
        refuse("the list of files for the image is cut off");
    *at = (size_t)(end + 1 - files->text);
    return word;
}

void extra_files_make(const struct extra_files *files, const struct store *s,
                      const struct image *image, int root) {
    /* The mounted root is as that of the changes, which was made a moment ago. */
    struct merged *layers = merged_layers(s, image);
    int top = must(openat(root, ".", READ), "open", "the image");
    for (size_t at = 0; at < files->length;) {
        mode_t mode = (mode_t)strtoul(next_word(files, &at), NULL, 8);
        char *path = must_copy(next_word(files, &at));
        const char *content = next_word(files, &at), *name;
        struct making m = {.path = must_copy(path), .times = {{.tv_sec = files->time}}};
        m.times[1] = m.times[0];
        int parent = parent_of(&m, root, path, &name);
        if (parent >= 0 && *name)
            write_file(&m, parent, name, mode, content);
        if (parent >= 0)
            close(parent);
        free(path);
    }
    facts_copy(layers->fds[0], top, "the root directory of the image");
    close(top);
    merged_close(layers);
}
