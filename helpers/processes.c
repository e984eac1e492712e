#include "processes.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel.h"
#include "must.h"

/* The first process that `wanted` says yes to, of its directory in /proc; or 0. */
static pid_t find(bool (*wanted)(int dir, const void *of), const void *of) {
    pid_t found = 0;
    DIR *all = opendir("/proc");
    struct dirent *entry;
    while (all && !found && (entry = readdir(all))) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9' || atoi(entry->d_name) == getpid())
            continue;
        int dir = openat(dirfd(all), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir >= 0 && wanted(dir, of))
            found = atoi(entry->d_name);
        close(dir);
    }
    if (all)
        closedir(all);
    return found;
}

ssize_t process_reads(int dir, const char *name, char *text, size_t room) {
    int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, room - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return n;
}

void process_words(int dir, char *text, size_t room) {
    ssize_t n = process_reads(dir, "cmdline", text, room);
    for (ssize_t i = 0; i < n - 1; i++)
        if (!text[i])
            text[i] = ' ';
    for (; n > 0 && text[n - 1] == ' '; n--) /* a title that was written over the words */
        text[n - 1] = 0;
}

bool process_locks(int dir, const char *fd) {
    char path[64], facts[1024];
    snprintf(path, sizeof path, "fdinfo/%s", fd);
    return process_reads(dir, path, facts, sizeof facts) > 0 && strstr(facts, "FLOCK");
}

static bool is_titled(int dir, const void *title) {
    char text[4200];
    return process_reads(dir, "cmdline", text, sizeof text) > 0 && !strcmp(text, title);
}

int process_titled(const char *title) {
    pid_t pid = find(is_titled, title);
    return pid ? k_pidfd_open(pid) : -1;
}

static bool leads_to(int dir, const char *link, const void *device) {
    struct stat st;
    return fstatat(dir, link, &st, 0) == 0 && st.st_dev == *(const dev_t *)device;
}

static bool is_using(int dir, const void *device) {
    if (leads_to(dir, "cwd", device) || leads_to(dir, "root", device) ||
        leads_to(dir, "exe", device))
        return true;
    bool found = false;
    int fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fds < 0 ? NULL : fdopendir(fds);
    struct dirent *entry;
    while (list && !found && (entry = readdir(list)))
        found = entry->d_name[0] != '.' && leads_to(fds, entry->d_name, device);
    if (list)
        closedir(list);
    return found;
}

static bool is_locking(int dir, const void *of) {
    const struct stat *file = of;
    struct stat st;
    bool found = false;
    int fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fds < 0 ? NULL : fdopendir(fds);
    struct dirent *entry;
    while (list && !found && (entry = readdir(list)))
        found = fstatat(fds, entry->d_name, &st, 0) == 0 && st.st_ino == file->st_ino &&
                st.st_dev == file->st_dev && process_locks(dir, entry->d_name);
    if (list)
        closedir(list);
    return found;
}

static const char *named(pid_t pid, void (*by)(int dir, char *text, size_t room)) {
    char name[200];
    if (!pid)
        return NULL;
    int dir = open(must_print("/proc/%d", pid), O_PATH | O_DIRECTORY | O_CLOEXEC);
    by(dir, name, sizeof name);
    close(dir);
    return must_print("process %d (%s)", pid, name);
}

static void by_name(int dir, char *text, size_t room) {
    process_reads(dir, "comm", text, room);
    text[strcspn(text, "\n")] = 0;
}

const char *process_using(dev_t device) {
    return named(find(is_using, &device), by_name);
}

const char *process_locking(int fd) {
    struct stat file;
    return fstat(fd, &file) < 0 ? NULL : named(find(is_locking, &file), process_words);
}
