#include "verbs/recalling/cache.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/fingerprint.h"
#include "store/names.h"
#include "store/session_memory.h"
#include "verbs/recalling/calling.h"
#include "verbs/recalling/operands.h"
#include "verbs/recalling/recipe_stamp.h"
#include "verbs/verbs.h"

/* What a word stands for may change behind it: the content of a file or directory (there is one
 * at most), and which image has a name. */
struct request {
    char **words;
    struct image named[MOST_KINDS];
    int named_count;
    const char *kind, *path; /* "FILE" or "DIR", and the word; or NULL */
};

/* If a word is the name of an image, note which one it is. */
static void add_named(const struct store *s, struct request *r, const char *word) {
    bool name = word && *word && !strchr(word, '/') && strcmp(word, ".") != 0 &&
                strcmp(word, "..") != 0 && !is_id(word) && strlen(word) < 256;
    if (name && s->fd >= 0 && r->named_count < MOST_KINDS &&
        name_read(s, word, &r->named[r->named_count]))
        r->named_count++;
}

static bool is_a_place(const char *kind) {
    return !strcmp(kind, "FILE") || !strcmp(kind, "DIR") || !strcmp(kind, "WHAT");
}

/* A FILE may be a directory, and a WHAT one of both, or neither. */
static const char *kind_of_place(const char *kind, const char *path) {
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return "DIR";
    return strcmp(kind, "WHAT") != 0 ? kind : there ? "FILE" : NULL;
}

static struct request look_at(const struct store *s, char **words) {
    struct request r = {.words = words};
    const char *usage = verb_usage(words[0]);
    struct syntax y = syntax_of(usage ? usage : "");
    int at = 1;
    for (int i = 0; i < y.count && strcmp(y.kinds[i], "CMD") != 0; i++) {
        int options = at;
        at = operand_after_options(&y, words, at);
        for (; options < at; options++) {
            const char *value = value_of_option(&y, words[options]);
            if (value && is_an_image(value))
                add_named(s, &r, words[options + 1]);
        }
        if (is_an_image(y.kinds[i]))
            add_named(s, &r, words[at]);
        if (!r.path && is_a_place(y.kinds[i])) {
            r.path = words[at] ? words[at] : "-";
            r.kind = kind_of_place(y.kinds[i], r.path);
        }
        at += words[at] != NULL;
    }
    return r;
}

/* The name of the note for the words and `facts`, which end with NULL. */
static char *note_for(const struct request *r, const char *const *facts) {
    struct key k = key_begin();
    for (char **word = r->words; *word; word++)
        key_word(&k, *word);
    for (; facts && *facts; facts++)
        key_word(&k, *facts);
    for (int i = 0; i < r->named_count; i++)
        key_word(&k, r->named[i].id);
    return memory_of_key(key_end(&k));
}

static char *found(const struct store *s, const char *note) {
    struct image image;
    return note && memory_read(s, note, &image) ? must_copy(image.id) : NULL;
}

static void keep(const char *note, const char *id) {
    struct store s = store_here(); /* the verb may have made it */
    if (note)
        memory_write(&s, note, id);
}

/* For the words and the place they name, whatever is there: it is asked when nothing is, and tells
 * the image of what was there last. */
static char *note_of_place(const struct request *r) {
    char *here = *r->path == '/' ? NULL : getcwd(NULL, 0);
    char *place = must_print("%s/%s", here ? here : "", r->path);
    return note_for(r, (const char *const[]){"place", place, NULL});
}

static void keep_of_place(const struct store *s, const char *place, const char *id) {
    const char *before = found(s, place);
    if (!before || strcmp(before, id) != 0)
        keep(place, id);
}

static char *of_directory(const struct store *s, const struct request *r) {
    struct stat st;
    char *place = note_of_place(r), *note = NULL, *id;
    bool there = stat(r->path, &st) == 0;
    if (there && S_ISDIR(st.st_mode)) {
        char *real = must_have(realpath(r->path, NULL), "look at", r->path);
        note = note_for(r, (const char *const[]){real, fingerprint(real), NULL});
    }
    bool known = (id = found(s, there ? note : place)) != NULL;
    if (!known)
        id = image_of_verb(r->words);
    if (note && !known)
        keep(note, id);
    if (note)
        keep_of_place(s, place, id);
    return id;
}

static char *facts_of(const struct stat *st) {
    return must_print("%llu:%llu:%lld:%lld.%09ld:%lld.%09ld", (unsigned long long)st->st_dev,
                      (unsigned long long)st->st_ino, (long long)st->st_size,
                      (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
                      (long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec);
}

/* A file whose content can be told by its inode and times; not while those are so young that
 * another change would leave them as they are. */
static char *note_of_facts(const struct request *r, const struct stat *st, uint64_t offset) {
    if (time(NULL) - st->st_ctim.tv_sec < 2)
        return NULL;
    char *from = must_print("%llu", (unsigned long long)offset);
    return note_for(r, (const char *const[]){"file", facts_of(st), from, NULL});
}

static char *note_of_content(const struct request *r, int fd, uint64_t offset) {
    uint8_t digest[SHA256_SIZE];
    struct key k = key_begin();
    if (!file_digest(fd, offset, digest))
        must(-1, "read", r->path);
    key_bytes(&k, digest, sizeof digest);
    return note_for(r, (const char *const[]){"content", key_end(&k), NULL});
}

/* `fd` is a regular file. To read all of it takes long: that is done only if it is not known. */
static char *of_content(const struct store *s, const struct request *r, int fd,
                        const struct stat *st, const char *place) {
    off_t offset = lseek(fd, 0, SEEK_CUR); /* of standard input, which may be read in part */
    uint64_t from = offset > 0 ? (uint64_t)offset : 0;
    struct stat after;
    char *quick = note_of_facts(r, st, from), *id = found(s, quick);
    if (id)
        return id;
    char *note = note_of_content(r, fd, from);
    bool known = (id = found(s, note)) != NULL;
    if (!known)
        id = image_of_verb(r->words);
    if (fstat(fd, &after) < 0 || strcmp(facts_of(st), facts_of(&after)) != 0)
        return id; /* it changed under our hands */
    keep(quick, id);
    if (!known)
        keep(note, id);
    if (place)
        keep_of_place(s, place, id);
    return id;
}

/* What comes through a pipe cannot be known before it is used. */
static char *of_file(const struct store *s, const struct request *r) {
    bool input = !strcmp(r->path, "-");
    struct stat st;
    int fd = STDIN_FILENO;
    char *place = input ? NULL : note_of_place(r), *id = NULL;
    if (!input && stat(r->path, &st) < 0)
        return errno == ENOENT && (id = found(s, place)) ? id : image_of_verb(r->words);
    if (!input && S_ISREG(st.st_mode))
        fd = open(r->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if ((!input && !S_ISREG(st.st_mode)) || fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return image_of_verb(r->words);
    return of_content(s, r, fd, &st, place);
}

/* Verbs that answer at once, or look themselves whether the answer is still right. */
static bool is_never_kept(char **words) {
    const char *verb = words[0];
    return recipe_is(words) || !strcmp(verb, "build:file") || !strcmp(verb, "id") ||
           !strcmp(verb, "parent") || !strcmp(verb, "check");
}

char *image_from_cache(const struct store *s, char **words) {
    if (!verb_makes(words[0])) {
        if (verb_usage(words[0]))
            refuse("`%s` does not make an image, and only images are cached. `plash help` lists "
                   "the verbs",
                   words[0]);
        refuse("no verb '%s' that makes an image. `plash help` lists the verbs", words[0]);
    }
    if (is_never_kept(words))
        return image_of_verb(words);
    struct request r = look_at(s, words);
    if (r.kind)
        return !strcmp(r.kind, "FILE") ? of_file(s, &r) : of_directory(s, &r);
    char *note = note_for(&r, NULL), *id = found(s, note);
    if (!id) {
        id = image_of_verb(words);
        keep(note, id);
    }
    return id;
}
