#include "store/names.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "store/layout.h"
#include "store/moving.h"
#include "store/workdir.h"

bool name_can_be(const char *name) {
    return *name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && !name_is_path(name) &&
           strlen(name) <= NAME_MAX;
}

static char *link_of(const char *name) {
    if (!*name)
        refuse("a name cannot be empty. Is a variable unset?");
    if (!strcmp(name, ".") || !strcmp(name, ".."))
        refuse("\"%s\" cannot be a name: it stands for a directory", name);
    if (name_is_path(name))
        refuse("\"%s\" cannot be a name: it looks like a path", name);
    if (strlen(name) > NAME_MAX)
        refuse("\"%.20s...\" cannot be a name: it is too long", name);
    return name_link(name);
}

bool name_read(const struct store *s, const char *name, struct image *image) {
    char *link = link_of(name), id[ID_SIZE];
    struct stat st;
    return s->fd >= 0 && id_by_name(s, name, id) && fstatat(s->fd, link, &st, 0) == 0 &&
           S_ISDIR(st.st_mode) && image_find(s, id, image);
}

/* A link cannot be changed: a new one is made beside and takes its place. */
static void put_link(const struct store *s, const char *link, const char *target) {
    char *beside = must_print("tmp/%s", workdir_name("name"));
    unlinkat(s->fd, beside, 0); /* of a dead process of our number */
    if (symlinkat(target, s->fd, beside) < 0 || renameat(s->fd, beside, s->fd, link) < 0) {
        int error = errno;
        unlinkat(s->fd, beside, 0);
        layout_trouble("write to", s, error);
    }
}

void name_give(const struct store *s, const char *name, const char *word, bool take) {
    char *link = link_of(name);
    struct image other;
    struct image image = image_named(s, word);
    int lock = moving_begin(s); /* else it could be taken out before the name is seen */
    image = image_with_files(s, word);
    bool taken = name_read(s, name, &other);
    if (!taken || strcmp(other.id, image.id) != 0) {
        if (taken && !take)
            refuse("the name \"%s\" belongs to image %s. `plash map --force %s %s` moves it", name,
                   other.id, name, word);
        put_link(s, link, must_print("../%s", image.place));
    }
    close(lock);
}

void name_forget(const struct store *s, const char *name) {
    char *link = link_of(name);
    store_refuse_anothers(s);
    if (s->fd >= 0 && unlinkat(s->fd, link, 0) < 0 && errno != ENOENT)
        layout_trouble("write to", s, errno);
}

bool name_is_note(const char *name) {
    static const char *const words[] = {"cache", "recall", "check", "this"};
    size_t n = strcspn(name, ":");
    bool known = false;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        known |= strlen(words[i]) == n && !strncmp(name, words[i], n);
    return known && !name[n + strspn(name + n, "0123456789:-")];
}
