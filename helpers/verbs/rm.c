/* rm — an image on which nothing stands, for good. All other removals are plashui's. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/directory.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/syscalls.h"
#include "base/units.h"
#include "image/holders.h"
#include "image/leftovers.h"
#include "process/python_handover.h"
#include "store/moving.h"
#include "store/store.h"
#include "store/workdir.h"
#include "tree/delete.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

static const char *const marks[] = {"pinned", "used", "written"};

static int open_directory(int dir, const char *path) {
    return k_openat2(dir, path, O_RDONLY | O_DIRECTORY, K_BENEATH | K_NO_SYMLINKS);
}

static bool has(int dir, const char *path, bool (*wanted)(int fd, const char *name, const void *id),
                const char *id) {
    return directory_has(open_directory(dir, path), wanted, id);
}

static bool is_child(int fd, const char *name, const void *id) {
    (void)fd;
    (void)id;
    return is_id(name);
}

static bool is_name_of(int fd, const char *name, const void *id) {
    char target[4096];
    ssize_t n = readlinkat(fd, name, target, sizeof target - 1);
    target[n > 0 ? n : 0] = 0;
    const char *slash = strrchr(target, '/');
    return slash && !strcmp(slash + 1, id);
}

/* Changes of shells that nobody has decided about are called IMAGE-XXXX. */
static bool is_changes_of(int fd, const char *name, const void *id) {
    (void)fd;
    size_t n = strlen(id);
    return !strncmp(name, id, n) && name[n] == '-';
}

static bool is_changes(const struct store *s, const char *word) {
    char *path = must_print("kept/%s", word);
    int fd = open_directory(s->fd, path);
    free(path);
    close(fd);
    return fd >= 0;
}

/* Nobody is asked, or told more than that it is gone. What is in the trash may stand on it.
 */
static bool is_simple(const struct store *s, const struct image *image) {
    char *pin = must_print("layer/0/_meta/pinned/%s", image->id);
    return faccessat(s->fd, pin, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT &&
           !has(s->fd, image->place, is_child, NULL) && !has(s->fd, "map", is_name_of, image->id) &&
           !has(s->fd, "kept", is_changes_of, image->id) && !has(s->fd, "trash", any_name, NULL);
}

/* Nobody enters it while we have the lock of its content, and no sweep elsewhere takes the
 * directory for left over while we have that one's. */
static bool lock(int dir, const char *path) {
    int fd = open_directory(dir, path);
    return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

static unsigned long long blocks_of(int dir, const char *name) {
    struct stat st;
    return fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0
               ? 0
               : (unsigned long long)st.st_blocks * 512;
}

/* What goes with it, as it was counted when it was made; 0 if it was not. */
static unsigned long long size_of(int node) {
    char text[256] = "";
    unsigned long long bytes = 0;
    int meta = open_directory(node, "_meta");
    int fd =
        meta < 0 ? -1 : openat(meta, "usage.json", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
    close(fd);
    const char *at = n > 0 ? strstr(text, "\"allocated\"") : NULL;
    if (!at || sscanf(at, "\"allocated\" : %llu", &bytes) != 1) {
        close(meta);
        return 0;
    }
    bytes += blocks_of(node, ".") + blocks_of(meta, ".");
    DIR *notes = fdopendir(meta);
    for (struct dirent *e; notes && (e = readdir(notes));)
        if (e->d_name[0] != '.')
            bytes += blocks_of(meta, e->d_name);
    if (notes)
        closedir(notes);
    return bytes;
}

static void forget(const struct store *s, const struct image *image) {
    unlinkat(s->fd, must_print("index/%s", image->id), 0);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        unlinkat(s->fd, must_print("layer/0/_meta/%s/%s", marks[i], image->id), 0);
}

/* Deletes what was taken out, and says so. */
static int finish(const struct store *s, char *name, unsigned long long bytes) {
    int tmp = must(open_directory(s->fd, "tmp"), "open in the store", "tmp");
    struct removed r = remove_names(tmp, (char *[]){name}, 1, REMOVE_THREADS);
    if (r.failed && geteuid() != 0) { /* most files are our own; these may be of subordinate ids */
        userns_try(0);
        r = remove_names(tmp, (char *[]){name}, 1, REMOVE_THREADS);
    }
    if (r.failed) { /* it is one whose maker is gone: the next sweep tries again */
        renameat(tmp, name, tmp, must_print("plashtmp_0_0_%s", strrchr(name, '_') + 1));
        removed_in_part(must_print("%s/tmp", s->path), &r);
    }
    if (bytes)
        dprintf(STDERR_FILENO, "1 image removed, %s freed\n", size_in_words(bytes));
    else
        dprintf(STDERR_FILENO, "1 image removed\n");
    sweep(s);
    return 0;
}

int verb_rm(int argc, char **argv) {
    if (argc < 2)
        usage_of(argv[0]);
    if (argc != 2 || argv[1][0] == '-')
        hand_over(argv - 1);
    struct store s = store_here();
    if (is_changes(&s, argv[1]))
        hand_over(argv - 1);
    struct image image = image_with_files(&s, argv[1]);
    int moving = moving_begin(&s);
    if (!is_simple(&s, &image) || !lock(s.fd, must_print("%s/_data", image.place)) ||
        !lock(s.fd, image.place))
        hand_over(argv - 1); /* with no lock of ours */
    int node = must(open_directory(s.fd, image.place), "open image", image.id);
    unsigned long long bytes = size_of(node);
    char *name = workdir_name(image.id), *there = must_print("tmp/%s", name);
    must(renameat(s.fd, image.place, s.fd, there), "remove image", image.id);
    /* The old program takes no locks. What it has mounted it mounted before, or finds nothing; and
     * what it put on the image is with it now. */
    if (has(s.fd, there, is_child, NULL) || image_is_mounted(&s, image.id)) {
        must(renameat(s.fd, there, s.fd, image.place), "bring back image", image.id);
        hand_over(argv - 1);
    }
    forget(&s, &image);
    close(moving);
    return finish(&s, name, bytes);
}
