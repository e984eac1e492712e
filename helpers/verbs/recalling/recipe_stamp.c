#include "verbs/recalling/recipe_stamp.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/environment.h"
#include "base/fail.h"
#include "base/fingerprint.h"
#include "base/syscalls.h"
#include "process/python_handover.h"
#include "store/names.h"
#include "store/session_memory.h"
#include "store/store.h"
#include "verbs/verbs.h"

enum { MOST = 1 << 16 };

/* A stamp: the note of an image, and entries "KIND VALUE" behind it, each ended by a NUL. */
struct stamp {
    struct image image;
    char *text;
    size_t length;
};

static char *next(const struct stamp *s, char *entry) {
    char *after = entry ? entry + strlen(entry) + 1 : s->text + strlen(s->text) + 1;
    return after < s->text + s->length ? after : NULL;
}

/* The value of an entry of this kind, or NULL. */
static char *value(char *entry, const char *kind) {
    size_t n = strlen(kind);
    return !strncmp(entry, kind, n) && entry[n] == ' ' ? entry + n + 1 : NULL;
}

/* As cache.c compares files: any change of one changes this. */
static bool is_file(const char *facts) {
    struct stat st;
    const char *path = strchr(facts, ' ');
    if (!path || stat(path + 1, &st) < 0)
        return false;
    char *now = must_print("%llu:%llu:%lld:%lld.%09ld:%lld.%09ld %s", (unsigned long long)st.st_dev,
                           (unsigned long long)st.st_ino, (long long)st.st_size,
                           (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec,
                           (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec, path + 1);
    bool same = !strcmp(now, facts);
    free(now);
    return same;
}

static bool is_variable(char *assignment) {
    char *equals = strchr(assignment, '=');
    if (!equals)
        return !getenv(assignment);
    *equals = 0;
    const char *now = getenv(assignment);
    *equals = '=';
    return now && !strcmp(now, equals + 1);
}

/* "ID NAME": whose name that is; with the id 0: nobody's. */
static bool is_name(const struct store *s, const char *word) {
    struct image image;
    const char *name = strchr(word, ' ');
    if (!name || !name_can_be(name + 1))
        return false;
    size_t n = (size_t)(name - word);
    if (!name_read(s, name + 1, &image))
        return n == 1 && *word == '0';
    return strlen(image.id) == n && !strncmp(image.id, word, n);
}

static bool holds(const struct store *s, const struct stamp *stamp) {
    for (char *entry = next(stamp, NULL), *v; entry; entry = next(stamp, entry))
        if (((v = value(entry, "file")) && !is_file(v)) ||
            ((v = value(entry, "gone")) && access(v, F_OK) == 0) ||
            ((v = value(entry, "env")) && !is_variable(v)) ||
            ((v = value(entry, "name")) && !is_name(s, v)))
            return false;
    return true;
}

static bool read_text(const struct store *s, const char *note, struct stamp *stamp) {
    char *path = must_print("memory/%s", note);
    int fd = k_openat2(s->fd, path, O_RDONLY | O_NONBLOCK, K_BENEATH | K_NO_SYMLINKS);
    free(path);
    if (fd < 0)
        return false;
    stamp->text = must_allocate(MOST + 1, 1);
    ssize_t n = read(fd, stamp->text, MOST + 1);
    close(fd);
    stamp->length = n > 0 ? (size_t)n : 0;
    return n > 0 && n <= MOST && !stamp->text[n - 1];
}

static bool find(const struct store *s, struct key *k, struct stamp *stamp) {
    char *note = must_print("plan-%s", key_end(k));
    return s->fd >= 0 && memory_read(s, note, &stamp->image) && read_text(s, note, stamp) &&
           holds(s, stamp);
}

static bool reads_input(char **words) {
    for (; *words && strcmp(*words, "--") != 0; words++)
        if (!strcmp(*words, "--run-stdin") || !strcmp(*words, "--eval-stdin"))
            return true;
    return false;
}

/* Put the standard input into the key. It can be read again from its beginning: by Python, if no
 * stamp is found. */
static bool key_input(struct key *k) {
    static const char step[] = "read", what[] = "standard input";
    char bytes[1 << 14];
    uint8_t digest[SHA256_SIZE];
    ssize_t n;
    int fd = must(memfd_create("input", MFD_CLOEXEC), "make", "a file in memory");
    while ((n = must((int)read(0, bytes, sizeof bytes), step, what)) > 0)
        must(write(fd, bytes, (size_t)n) == n ? 0 : -1, step, what);
    must(dup2(fd, 0), step, what);
    close(fd);
    if (!file_digest(0, 0, digest))
        return false;
    key_bytes(k, digest, sizeof digest);
    return true;
}

/* Let whoever reads the standard input next find it as it was. */
static void rewind_input(void) {
    must((int)lseek(0, 0, SEEK_SET), "read", "standard input");
}

static bool find_words(const struct store *s, char **words, struct stamp *stamp) {
    struct key k = key_begin();
    bool reads = reads_input(words);
    char *here = getcwd(NULL, 0);
    key_word(&k, reads ? "words and input" : "words");
    key_word(&k, here ? here : "");
    free(here);
    if (reads && !key_input(&k))
        return false;
    for (; *words && strcmp(*words, "--") != 0; words++)
        key_word(&k, *words);
    if (find(s, &k, stamp))
        return true;
    if (reads)
        rewind_input();
    return false;
}

static _Noreturn void run(char **words) {
    int count = 0;
    while (words[count])
        count++;
    exit(verb_run(count, words));
}

static void try_words(const struct store *s, char **words) {
    struct stamp stamp;
    if (!find_words(s, words, &stamp))
        return;
    while (*words && strcmp(*words, "--") != 0)
        words++;
    if (!*words) {
        answer_image(stamp.image.id);
        exit(0);
    }
    int count = 0;
    while (words[count])
        count++;
    char **argv = must_allocate((size_t)count + 3, sizeof *argv);
    argv[0] = must_copy("run");
    argv[1] = must_copy("--");
    argv[2] = stamp.image.id;
    memcpy(argv + 3, words + 1, ((size_t)count - 1) * sizeof *argv);
    run(argv);
}

/* `b VERB WORDS MACROS -- MORE`: become `VERB ID WORDS MORE`. */
static void try_verb(const struct store *s, int argc, char **argv) {
    struct stamp stamp;
    char **macros = argv + 3;
    if (argc < 4 || !*argv[2] || *argv[2] == '-')
        return;
    while (*macros && **macros && **macros != '-')
        macros++;
    if (!*macros || !**macros || !strcmp(*macros, "--") || !find_words(s, macros, &stamp))
        return;
    char **line = must_allocate((size_t)argc + 1, sizeof *line), **more = macros;
    int count = 0;
    line[count++] = argv[0];
    line[count++] = argv[2];
    line[count++] = stamp.image.id;
    for (char **word = argv + 3; word < macros; word++)
        line[count++] = *word;
    while (*more && strcmp(*more, "--") != 0)
        more++;
    for (more += *more != NULL; *more; more++)
        line[count++] = *more;
    verb_function *function = verb_named(line[1]);
    if (function)
        exit(function(count - 1, line + 1));
    hand_over(line);
}

static void let_through(const char *name) {
    const char *before = getenv("PLASH_EXPORT");
    setenv("PLASH_EXPORT", before && *before ? must_print("%s:%s", before, name) : must_copy(name),
           1);
}

static void let_prefix_through(const char *prefix) {
    for (size_t i = 0; environ[i]; i++)
        if (!strncmp(environ[i], prefix, strlen(prefix)) && strncmp(environ[i], "PLASH_", 6) != 0)
            let_through(must_print("%.*s", (int)strcspn(environ[i], "="), environ[i]));
}

static void surround(const struct stamp *stamp) {
    for (char *entry = next(stamp, NULL), *v; entry; entry = next(stamp, entry)) {
        if ((v = value(entry, "let")) && getenv(v)) {
            let_through(v);
        } else if ((v = value(entry, "prefix"))) {
            let_prefix_through(v);
        } else if ((v = value(entry, "set")) && strchr(v, '=')) {
            char *name = must_print("%.*s", (int)strcspn(v, "="), v);
            setenv(name, strchr(v, '=') + 1, 1);
            let_through(name);
        }
    }
}

static void try_file(const struct store *s, int argc, char **argv) {
    struct stamp stamp;
    struct key k = key_begin();
    char path[PATH_MAX];
    if (!realpath(argv[1], path))
        return;
    key_word(&k, "file");
    key_word(&k, path);
    if (!find(s, &k, &stamp))
        return;
    char **words = must_allocate(stamp.length + (size_t)argc + 4, sizeof *words);
    size_t n = 0;
    words[n++] = must_copy("run");
    words[n++] = must_copy("--");
    words[n++] = stamp.image.id;
    for (char *entry = next(&stamp, NULL), *v; entry; entry = next(&stamp, entry))
        if ((v = value(entry, "word")) || (argc == 2 && (v = value(entry, "cmd"))))
            words[n++] = v;
    if (n == 3)
        return;
    memcpy(words + n, argv + 2, ((size_t)argc - 1) * sizeof *words);
    surround(&stamp);
    run(words);
}

bool recipe_is(char **words) {
    static const char *const others[] = {
        "-l",        "--share-home",   "--status-fd", "--lifeline-fd",
        "--lock-fd", "--overlay-tier", "--",          "-"};
    const char *first = words[1];
    for (size_t i = 0; first && i < sizeof others / sizeof *others; i++)
        if (!strcmp(first, others[i]))
            return false;
    return first && *first == '-' && !strcmp(verb_called(words[0]), "build");
}

void recipe_try(int argc, char **argv) {
    bool file = strchr(argv[1], '/') && *argv[1] != '-', verb = !strcmp(argv[1], "b");
    if (!file && !verb && *argv[1] != '-')
        return;
    struct store s = store_here();
    if (file)
        try_file(&s, argc, argv);
    else if (verb)
        try_verb(&s, argc, argv);
    else
        try_words(&s, argv + 1);
}

bool recipe_try_build(char **macros) {
    struct stamp stamp;
    struct store s = store_here();
    if (!find_words(&s, macros, &stamp))
        return false;
    answer_image(stamp.image.id);
    return true;
}
