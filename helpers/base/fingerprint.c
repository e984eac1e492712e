#include "base/fingerprint.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"

struct key key_begin(void) {
    struct key k;
    sha256_begin(&k.sum);
    return k;
}

void key_bytes(struct key *k, const void *bytes, size_t n) {
    char length[24];
    int digits = snprintf(length, sizeof length, "%zu:", n);
    sha256_more(&k->sum, length, (size_t)digits);
    sha256_more(&k->sum, bytes, n);
}

void key_word(struct key *k, const char *word) {
    key_bytes(k, word, strlen(word));
}

char *key_end(struct key *k) {
    uint8_t digest[SHA256_SIZE];
    char *text = must_allocate(2 * SHA256_SIZE + 1, 1);
    sha256_end(&k->sum, digest);
    for (int i = 0; i < SHA256_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

bool file_digest(int fd, uint64_t offset, uint8_t digest[SHA256_SIZE]) {
    static char bytes[1 << 17];
    struct sha256 sum;
    ssize_t n;
    sha256_begin(&sum);
    while ((n = pread(fd, bytes, sizeof bytes, (off_t)offset)) > 0) {
        sha256_more(&sum, bytes, (size_t)n);
        offset += (uint64_t)n;
    }
    sha256_end(&sum, digest);
    return n == 0;
}

static const char step[] = "look at";

static void add_content(struct key *k, const char *path) {
    uint8_t digest[SHA256_SIZE];
    int fd = must(open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC), step, path);
    must(file_digest(fd, 0, digest) ? 0 : -1, step, path);
    close(fd);
    key_bytes(k, digest, sizeof digest);
}

static void add_link(struct key *k, const char *path) {
    char target[4096];
    struct stat st;
    ssize_t n = readlink(path, target, sizeof target);
    must((int)n, step, path);
    key_bytes(k, target, (size_t)n);
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
        add_content(k, path);
}

/* The paths that are still to be looked at, the next one last. */
struct paths {
    char **all;
    size_t count, room;
};

static void push(struct paths *p, char *path) {
    if (p->count == p->room) {
        p->room = p->room ? 2 * p->room : 64;
        p->all = must_have(realloc(p->all, p->room * sizeof *p->all), "allocate", "memory");
    }
    p->all[p->count++] = path;
}

static int backwards(const void *one, const void *other) {
    return strcmp(*(char *const *)other, *(char *const *)one);
}

static void push_content(struct paths *p, const char *path) {
    size_t before = p->count;
    DIR *dir = must_have(opendir(path), step, path);
    for (struct dirent *e; (e = readdir(dir));)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            push(p, must_print("%s/%s", path, e->d_name));
    closedir(dir);
    if (p->count > before)
        qsort(p->all + before, p->count - before, sizeof *p->all, backwards);
}

char *fingerprint(const char *path) {
    struct key k = key_begin();
    struct paths left = {0};
    char *top = must_have(realpath(path, NULL), step, path);
    size_t n = strlen(top);
    push(&left, top);
    while (left.count) {
        char *at = left.all[--left.count], mode[16];
        struct stat st;
        must(lstat(at, &st), step, at);
        key_word(&k, at == top ? "." : at + n + (top[1] ? 1 : 0));
        snprintf(mode, sizeof mode, "0o%o", st.st_mode);
        key_word(&k, mode);
        if (S_ISLNK(st.st_mode)) {
            add_link(&k, at);
        } else if (S_ISREG(st.st_mode)) {
            add_content(&k, at);
        } else if (S_ISDIR(st.st_mode)) {
            push_content(&left, at);
        } else {
            snprintf(mode, sizeof mode, "%llu", (unsigned long long)st.st_rdev);
            key_word(&k, mode);
        }
        if (at != top)
            free(at);
    }
    free(left.all);
    return key_end(&k);
}
