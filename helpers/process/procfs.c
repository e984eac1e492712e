#include "process/procfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/small_file.h"
#include "base/syscalls.h"

pid_t process_find(bool (*wanted)(pid_t pid, int dir, void *of), void *of) {
    pid_t found = 0;
    DIR *all = opendir("/proc");
    struct dirent *entry;
    while (all && !found && (entry = readdir(all))) {
        pid_t pid = atoi(entry->d_name);
        if (pid <= 0 || pid == getpid())
            continue;
        int dir = openat(dirfd(all), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (dir < 0)
            continue;
        if (wanted(pid, dir, of))
            found = pid;
        close(dir);
    }
    if (all)
        closedir(all);
    return found;
}

bool process_has(int dir, bool (*wanted)(int fds, const char *name, void *of), void *of) {
    bool found = false;
    int fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fds < 0 ? NULL : fdopendir(fds);
    struct dirent *entry;
    while (list && !found && (entry = readdir(list)))
        found = entry->d_name[0] != '.' && wanted(fds, entry->d_name, of);
    if (list)
        closedir(list);
    return found;
}

const char *process_stat(int dir, const char *process, char *text, size_t room) {
    char path[64];
    snprintf(path, sizeof path, "%s/stat", process);
    small_file_read(dir, path, text, room);
    const char *name_ends = strrchr(text, ')'); /* the name may hold anything */
    return name_ends ? name_ends + 1 : NULL;
}

void process_words(int dir, char *text, size_t room) {
    ssize_t n = small_file_read(dir, "cmdline", text, room);
    for (ssize_t i = 0; i < n - 1; i++)
        if (!text[i])
            text[i] = ' ';
    for (; n > 0 && text[n - 1] == ' '; n--) /* a title that was written over the words */
        text[n - 1] = 0;
}

bool descriptor_locks(int fds, const char *name) {
    char path[64], facts[1024];
    snprintf(path, sizeof path, "../fdinfo/%s", name);
    return small_file_read(fds, path, facts, sizeof facts) > 0 && strstr(facts, "FLOCK");
}

static bool is_titled(pid_t pid, int dir, void *title) {
    char text[4200];
    (void)pid;
    return small_file_read(dir, "cmdline", text, sizeof text) > 0 && !strcmp(text, title);
}

int process_titled(char *title) {
    pid_t pid = process_find(is_titled, title);
    return pid ? k_pidfd_open(pid) : -1;
}

static bool leads_to(int dir, const char *link, void *device) {
    struct stat st;
    return fstatat(dir, link, &st, 0) == 0 && st.st_dev == *(dev_t *)device;
}

static bool is_using(pid_t pid, int dir, void *device) {
    (void)pid;
    return leads_to(dir, "cwd", device) || leads_to(dir, "root", device) ||
           leads_to(dir, "exe", device) || process_has(dir, leads_to, device);
}

static bool is_locked_by(int fds, const char *name, void *of) {
    const struct stat *file = of;
    struct stat st;
    return fstatat(fds, name, &st, 0) == 0 && st.st_ino == file->st_ino &&
           st.st_dev == file->st_dev && descriptor_locks(fds, name);
}

static bool is_locking(pid_t pid, int dir, void *file) {
    (void)pid;
    return process_has(dir, is_locked_by, file);
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
    small_file_read(dir, "comm", text, room);
    text[strcspn(text, "\n")] = 0;
}

const char *process_using(dev_t device) {
    return named(process_find(is_using, &device), by_name);
}

const char *process_locking(int fd) {
    struct stat file;
    return fstat(fd, &file) < 0 ? NULL : named(process_find(is_locking, &file), process_words);
}
