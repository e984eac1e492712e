#include "run/volumes.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "run/in_memory.h"

static bool is_place(const char *path, size_t length) {
    return *path == '/' && strspn(path, "/") < length;
}

struct volume volume_of_tmpfs(const char *word) {
    const char *colon = strrchr(word, ':');
    size_t n = colon ? (size_t)(colon - word) : strlen(word);
    if (!is_place(word, n))
        refuse("--tmpfs wants PATH or PATH:SIZE: %s", word);
    return (struct volume){.kind = TMPFS,
                           .host = "memory",
                           .place = must_print("%.*s", (int)n, word),
                           .size = colon ? must_copy(colon + 1) : NULL,
                           .tree = -1,
                           .spot = -1};
}

static uint64_t number_before_colon(const char **word) {
    uint64_t number = 0;
    const char *at = *word;
    for (; *at >= '0' && *at <= '9' && number < UINT32_MAX; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    if (at == *word || *at != ':' || number >= UINT32_MAX)
        refuse("--secret wants FD:UID:GID:PATH");
    *word = at + 1;
    return number;
}

struct volume volume_of_secret(const char *word) {
    struct volume v = {.kind = SECRET, .host = "a secret", .read_only = true, .spot = -1};
    v.content = (int)number_before_colon(&word);
    v.uid = number_before_colon(&word);
    v.gid = number_before_colon(&word);
    if (!is_place(word, strlen(word)))
        refuse("--secret wants FD:UID:GID:PATH");
    must(fcntl(v.content, F_SETFD, FD_CLOEXEC), "read", "a secret");
    v.place = must_copy(word);
    v.tree = -1;
    return v;
}

struct volume volume_of(const char *word, const char *folder) {
    struct volume v = {.tree = -1, .spot = -1};
    size_t n = strlen(word);
    if (folder && !strchr(word, ':') && is_place(word, n)) {
        v.within = must_print("%s/volumes", folder);
        v.host = v.place = must_copy(word);
        return v;
    }
    v.read_only = n > 3 && !strcmp(word + n - 3, ":ro");
    n -= v.read_only || (n > 3 && !strcmp(word + n - 3, ":rw")) ? 3 : 0;
    const char *colon = memrchr(word, ':', n), *place = colon ? colon + 1 : "";
    if (colon == word || !is_place(place, (size_t)(word + n - place)))
        refuse("-v wants HOST:PATH or HOST:PATH:ro%s, where PATH begins with a '/' and is not "
               "the image's root directory: %s",
               folder ? ", or PATH" : "", word);
    v.host = must_print("%.*s", (int)(colon - word), word);
    v.place = must_print("%.*s", (int)(word + n - place), place);
    return v;
}

/* As `mkdir -p`; a file that is there is fine too. */
static void make_host(const char *path) {
    char *copy = must_copy(path);
    for (char *slash = copy;; *slash = '/') {
        slash = strchr(slash + 1, '/');
        if (slash)
            *slash = 0;
        if (mkdir(copy, 0755) < 0 && errno != EEXIST && errno != EISDIR && access(copy, F_OK) < 0)
            must(-1, "make the directory to share", copy);
        if (!slash)
            break;
    }
    free(copy);
}

/* The directory of volumes is nobody else's: a program in an image may leave a setuid file in
 * one. */
static void make_private(const char *path) {
    static const char step[] = "make in the store";
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        must(-1, step, path);
    int fd = must(open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), step, path);
    struct stat st;
    must(fstat(fd, &st), "look at", path);
    if (st.st_mode & 077 && st.st_uid == geteuid())
        must(fchmod(fd, 0700), "make private", path);
    close(fd);
}

/* What programs of earlier runs have put there does not lead out of it. */
static void make_within(struct volume *v) {
    if (mkdir(v->within, 0700) < 0 && errno != EEXIST)
        must(-1, "make", v->within);
    int all = must(open(v->within, O_PATH | O_DIRECTORY | O_CLOEXEC), "open", v->within);
    int there = k_openat2(all, v->host, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS);
    v->fresh = there < 0 && errno == ENOENT;
    if (there < 0)
        there = must(v->fresh ? inside_reach(all, v->host, true) : -1,
                     "make the directory to share", must_print("%s%s", v->within, v->host));
    close(there);
    close(all);
}

static int by_length(const void *a, const void *b) {
    size_t one = strlen(((const struct volume *)a)->place);
    size_t other = strlen(((const struct volume *)b)->place);
    return (one > other) - (one < other);
}

void volumes_make(struct volume *volumes, int count, const char *store) {
    for (int i = 0; i < count; i++) {
        const char *path = volumes[i].host;
        if (volumes[i].kind != OF_HOST)
            continue;
        if (volumes[i].within) {
            make_within(volumes + i);
            continue;
        }
        if (!strcmp(path, ".") || !strcmp(path, ".."))
            refuse("%s is not a volume name. To share that directory write ./ or ../", path);
        bool named = store && !strchr(path, '/');
        if (named && strlen(path) > NAME_MAX)
            refuse("the volume name %s is too long", path);
        if (named) {
            const char *all = must_print("%s/volumes", store);
            make_private(all);
            path = must_print("%s/%s", all, path);
        }
        make_host(path);
        volumes[i].host = must_have(realpath(path, NULL), "share", path);
    }
    /* A volume inside another one is attached after it. */
    if (count > 1)
        qsort(volumes, (size_t)count, sizeof *volumes, by_length);
}

/* A device that is shared by its own name is meant to be one. */
static int tree_of(const struct volume *v) {
    struct stat st;
    if (v->within) {
        int all = must(open(v->within, O_PATH | O_DIRECTORY | O_CLOEXEC), "open", v->within);
        int own = must(k_openat2(all, v->host, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS), "open",
                       must_print("%s%s", v->within, v->host));
        return tree_of_host(must_print("/proc/self/fd/%d", own), false);
    }
    bool to_read = v->read_only && stat(v->host, &st) == 0 && S_ISDIR(st.st_mode);
    return to_read ? tree_to_read(v->host) : tree_of_host(v->host, v->read_only);
}

void volumes_take(struct volume *volumes, int count) {
    for (int i = 0; i < count; i++)
        if (volumes[i].kind == OF_HOST)
            volumes[i].tree = must(tree_of(volumes + i), "share with the image", volumes[i].host);
}

void volumes_own(const struct volume *volumes, int count, uid_t uid, gid_t gid) {
    for (int i = 0; i < count; i++)
        if (volumes[i].fresh)
            must(fchownat(volumes[i].tree, "", uid, gid, AT_EMPTY_PATH), "give to the user",
                 volumes[i].place);
}

static bool is_directory(int fd) {
    struct stat st;
    must(fstat(fd, &st), "look at", "a volume");
    return S_ISDIR(st.st_mode);
}

void volumes_place(struct volume *volumes, int count, int root) {
    for (int i = 0; i < count; i++) {
        struct volume *v = volumes + i;
        if (v->kind == TMPFS)
            v->tree = memory_directory(v->size, v->place);
        else if (v->kind == SECRET)
            v->tree = memory_file(v->content, (uid_t)v->uid, (gid_t)v->gid, root, v->place);
        int within = -1;
        const char *rest = v->place;
        for (int outer = 0; outer < i; outer++) {
            size_t n = strlen(volumes[outer].place);
            if (!strncmp(v->place, volumes[outer].place, n) && v->place[n] == '/') {
                within = volumes[outer].tree;
                rest = v->place + n;
            }
        }
        bool directory = is_directory(v->tree);
        v->spot = within < 0
                      ? inside_reach(root, rest, directory)
                      /* In a directory of the host's nothing is made for the image's sake. */
                      : k_openat2(within, rest, O_PATH, K_IN_ROOT | K_NO_MAGICLINKS);
        struct failure f = {
            .step = "make a place in the image at", .thing = v->place, .error = errno};
        if (v->spot < 0 && errno == ENOENT && within >= 0)
            f.reason = "the volume around it has no such file or directory to mount it on";
        if (v->spot < 0)
            fail(f);
        if (is_directory(v->spot) != directory)
            refuse("cannot share %s at %s: one is a directory, and the other is not", v->host,
                   v->place);
    }
}

void volumes_attach(struct volume *volumes, int count) {
    for (int i = 0; i < count; i++)
        attach(volumes[i].tree, volumes[i].spot, volumes[i].place);
}
