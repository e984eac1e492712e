#include "store/store.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/syscalls.h"
#include "userns/passwd.h"

bool is_id(const char *word) {
    size_t n = strlen(word);
    return n > 0 && n < ID_SIZE - 1 && strspn(word, "0123456789") == n;
}

bool is_absent(int error) {
    return error == ENOENT || error == ENOTDIR || error == ELOOP || error == EXDEV;
}

/* `path` and one name more, as the file system means it. */
static char *step_to(const char *path, const char *name) {
    if (!*name || !strcmp(name, "."))
        return must_copy(path);
    if (!strcmp(name, "..")) {
        char *up = must_copy(path), *slash = strrchr(up, '/');
        *(slash ? slash : up) = 0;
        return up;
    }
    char *next = must_print("%s/%s", path, name), *real = realpath(next, NULL);
    return real ? (strcmp(real, "/") ? real : must_copy("")) : next;
}

/* Make a path absolute and resolve its links, even if not all of it exists. `_resolved` of
 * plashui/store/store.py does the same: both programs must mean the same store. */
static const char *resolved(const char *path) {
    char *real = realpath(path, NULL);
    if (real)
        return real;
    char *here = *path == '/' ? NULL : getcwd(NULL, 0), *at = must_copy(here ? here : "");
    for (char *rest = must_copy(path), *name; (name = strsep(&rest, "/"));)
        at = step_to(at, name);
    return *at ? at : "/";
}

const char *store_place(void) {
    const char *place = getenv("PLASH_DATA");
    if (!place || !*place) {
        const char *home = getenv("HOME");
        struct account me;
        if (!home || !*home)
            home = account_here(getuid(), &me) ? me.home : "";
        if (!*home)
            refuse("there is no store: neither PLASH_DATA nor HOME is set and uid %u has no home",
                   (unsigned)getuid());
        place = must_print("%s/.plashdata", home);
    }
    return resolved(place);
}

bool store_is_for_reading(void) {
    const char *wish = getenv("PLASH_READ_ONLY");
    return wish && *wish;
}

bool store_is_anothers(const struct store *s) {
    return s->fd >= 0 && s->owner != 0 && geteuid() == 0;
}

void store_refuse_anothers(const struct store *s) {
    struct account owner;
    if (!store_is_anothers(s))
        return;
    const char *who =
        account_here(s->owner, &owner) ? owner.name : must_print("%u", (unsigned)s->owner);
    refuse("cannot write to the store %s as root: it belongs to the user %s, who could not use or "
           "remove files of root. Run it as that user: setpriv --reuid=%s --regid=%s "
           "--init-groups plash ..., or sudo -u %s plash ...",
           s->path, who, who, who, who);
}

/* A link in place of a directory would lead us to where nobody expects us. */
static void check_directories(const struct store *s) {
    static const char *const parts[] = {"index", "layer", "layer/0", "layer/0/_data", "map",
                                        "tmp",   "mnt",   "trash",   "memory"};
    struct stat st;
    struct account owner;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (fstatat(s->fd, parts[i], &st, AT_SYMLINK_NOFOLLOW) == 0) {
            if (!S_ISDIR(st.st_mode))
                refuse("%s/%s must be a directory, but is %s. Put the directory itself there",
                       s->path, parts[i],
                       S_ISLNK(st.st_mode) ? "a symbolic link" : "another kind of file");
        } else if (errno == EACCES) {
            bool known = s->owner != geteuid() && account_here(s->owner, &owner);
            fail((struct failure){
                .step = "look into the store",
                .thing = s->path,
                .error = EACCES,
                .remedy = known ? must_print("It belongs to the user %s", owner.name) : NULL});
        }
    }
}

/* `path` is absolute, and its links resolved as far as it exists. */
static struct store opened(const char *path) {
    struct store s = {.path = path, .fd = -1};
    int fd = open(s.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 && errno == ENOENT) {
        if (lstat(s.path, &st) == 0)
            refuse("the store %s is a broken link. Set PLASH_DATA to a directory you "
                   "may write to",
                   s.path);
        return s;
    }
    if (fd < 0 && errno == ENOTDIR)
        fail((struct failure){.step = "open the store",
                              .thing = s.path,
                              .error = ENOTDIR,
                              .reason = lstat(s.path, &st) == 0 ? "it is not a directory" : NULL,
                              .remedy = "Set PLASH_DATA to a directory you may write to"});
    s.fd = must(fd, "open the store", s.path);
    must(fstat(s.fd, &st), "look at the store", s.path);
    s.number = (uint64_t)st.st_dev << 32 ^ st.st_ino;
    s.owner = st.st_uid;
    check_directories(&s);
    return s;
}

struct store store_at(const char *path) {
    char *real = realpath(path, NULL);
    return opened(real ? real : path);
}

struct store store_here(void) {
    return opened(store_place());
}

bool place_of_link(const char *target, const char *id, struct image *image) {
    if (strncmp(target, "../layer/0", 10) != 0)
        return false;
    const char *at = target + 10, *last = "0";
    while (*at == '/') {
        last = ++at;
        at += strspn(at, "0123456789");
        if (at == last)
            break;
    }
    if (*at || strcmp(last, id) != 0)
        return false;
    snprintf(image->id, sizeof image->id, "%s", id);
    snprintf(image->place, sizeof image->place, "%s", target + 3);
    return true;
}

/* The link is never followed: only its text is believed, and every step of it is opened
 * without following links. */
static bool image_by_id(const struct store *s, const char *id, struct image *image) {
    char link[32], target[4096];
    if (!strcmp(id, "0"))
        return place_of_link("../layer/0", id, image);
    snprintf(link, sizeof link, "index/%s", id);
    ssize_t n = readlinkat(s->fd, link, target, sizeof target - 1);
    if (n < 0 && errno != ENOENT && errno != EINVAL)
        must(-1, "look for image", id);
    if (n < 0)
        return false;
    target[n] = 0;
    if (!place_of_link(target, id, image))
        refuse("image %s is broken: its index link points to %s", id, target);
    return true;
}

bool name_is_path(const char *name) {
    if (!strchr(name, '/'))
        return false;
    for (const char *part = name, *end;; part = end + 1) {
        end = strchrnul(part, '/');
        size_t n = (size_t)(end - part);
        if (n == 0 || (n == 1 && *part == '.') || (n == 2 && !strncmp(part, "..", 2)))
            return true;
        if (!*end)
            return false;
    }
}

char *name_link(const char *name) {
    char *link = must_print("map/%s", name);
    for (char *c = link + strlen("map/"); *c; c++)
        if (*c == '/')
            *c = '%';
    return link;
}

bool id_by_name(const struct store *s, const char *name, char *id) {
    char target[4096];
    if (!*name || strlen(name) > NAME_MAX || name_is_path(name))
        return false;
    char *link = name_link(name);
    ssize_t n = readlinkat(s->fd, link, target, sizeof target - 1);
    free(link);
    if (n < 0)
        return false;
    target[n] = 0;
    const char *slash = strrchr(target, '/');
    const char *last = slash ? slash + 1 : target;
    if (!is_id(last))
        return false;
    snprintf(id, ID_SIZE, "%s", last);
    return true;
}

/* False if it is simply not there. If it is not because a layer that it stands on is not, that
 * one is named. */
static bool is_there(const struct store *s, const struct image *image) {
    struct stat st;
    if (fstatat(s->fd, image->place, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return S_ISDIR(st.st_mode);
    if (!is_absent(errno))
        must(-1, "look at image", image->id);
    char *place = must_copy(image->place);
    for (char *end = place + strlen("layer"); (end = strchr(end + 1, '/')); *end = '/') {
        *end = 0;
        if (fstatat(s->fd, place, &st, AT_SYMLINK_NOFOLLOW) < 0)
            refuse("image %s is broken: layer %s is missing", image->id, strrchr(place, '/') + 1);
    }
    free(place);
    return false;
}

bool image_find(const struct store *s, const char *id, struct image *image) {
    return image_by_id(s, id, image) && is_there(s, image);
}

struct image image_named(const struct store *s, const char *word) {
    struct image image;
    char id[ID_SIZE];
    if (s->fd < 0)
        refuse("no image %s: there is no store at %s. `plash init` makes one, PLASH_DATA names "
               "another",
               word, s->path);
    bool number = is_id(word) && (word[0] != '0' || !word[1]), known = number;
    if (number)
        snprintf(id, sizeof id, "%s", word);
    else
        known = id_by_name(s, word, id);
    if (known && image_find(s, id, &image))
        return image;
    if (number)
        refuse("no image %s", word);
    if (known)
        refuse("no image %s, which the name \"%s\" stands for", id, word);
    refuse("no image or name \"%s\"", word);
}

struct image image_with_files(const struct store *s, const char *word) {
    struct image image = image_named(s, word);
    if (!strcmp(image.id, "0"))
        refuse("image 0 is the special empty image, and not meant for this");
    return image;
}

int image_depth(const struct image *image) {
    int depth = 0;
    for (const char *c = image->place; *c; c++)
        depth += *c == '/';
    return depth; /* layer/0 is one */
}

/* What opening a part of layer `id` gave. */
static int part_of(const struct image *image, const char *id, int fd) {
    if (fd < 0 && is_absent(errno))
        refuse("image %s is broken: layer %s is missing", image->id, id);
    return must(fd, "open a layer of image", image->id);
}

/* The content of the layer `id`, from its parent's: one step of the chain in one call, since
 * three take a tenth of the time it takes to mount a hundred layers. No link is followed. */
static int content_of(int from, const char *way, const char *id, const struct image *image) {
    char path[ID_SIZE + 24];
    snprintf(path, sizeof path, "%s%s/_data/root", way, id);
    return part_of(image, id, k_openat2(from, path, O_PATH | O_DIRECTORY, K_NO_SYMLINKS));
}

int image_layers(const struct store *s, const struct image *image, int *fds) {
    int depth = image_depth(image);
    /* The kernel takes 500. Layer 0 is empty and can be left out. */
    int skip = depth == MOST_LOWERS + 1;
    if (depth - skip > MOST_LOWERS)
        fail((struct failure){.step = "assemble image",
                              .thing = image->id,
                              .reason = "it has more than 500 layers, which is the kernel's limit",
                              .remedy = "Merge layers with `plash squash`",
                              .hint = "depth"});

    char steps[sizeof image->place];
    strcpy(steps, image->place + strlen("layer/"));
    char *rest = steps, *id = strsep(&rest, "/");
    int empty = content_of(s->fd, "layer/", id, image), content = empty, left = depth - skip;
    if (!skip)
        fds[--left] = empty;
    while ((id = strsep(&rest, "/")))
        fds[--left] = content = content_of(content, "../../", id, image);
    if (skip)
        close(empty);
    return depth - skip;
}

int image_content(const struct store *s, const struct image *image) {
    char *path = must_print("%s/_data/root", image->place);
    int fd = part_of(image, image->id,
                     k_openat2(s->fd, path, O_PATH | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS));
    free(path);
    return fd;
}

int image_lock(const struct store *s, const struct image *image) {
    char *path = must_print("%s/_data", image->place);
    int fd = k_openat2(s->fd, path, O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS);
    part_of(image, image->id, fd);
    int locked_now = flock(fd, LOCK_SH | LOCK_NB);
    /* Who only looks whether it is in use has the lock for a moment, too. */
    for (int i = 0; i < 20 && locked_now < 0 && errno == EWOULDBLOCK; i++) {
        nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL);
        locked_now = flock(fd, LOCK_SH | LOCK_NB);
    }
    if (locked_now < 0 && errno == EWOULDBLOCK)
        refuse("image %s is being removed", image->id);
    must(locked_now, "lock image", image->id);

    /* Between reading the index and holding the lock it may have been renamed away. */
    struct stat locked, there;
    if (fstat(fd, &locked) < 0 || fstatat(s->fd, path, &there, AT_SYMLINK_NOFOLLOW) < 0 ||
        locked.st_ino != there.st_ino || locked.st_dev != there.st_dev)
        refuse("no image %s", image->id);
    free(path);
    return fd;
}
