/* A process uses an image if the mount table of its namespace has it, or if it holds the lock of
 * the image's layer, as whoever has been handed a detached mount does. */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "image/holders.h"
#include "mount/mountinfo.h"
#include "process/procfs.h"
#include "store/store.h"

struct search {
    const struct store *store;
    const char *only;  /* an image, or NULL */
    char *visible[64]; /* devices of mounts in our own table: not a process uses those */
    int count;
    ino_t barren[64]; /* namespaces with no mount of the store */
    int barren_count;
    void (*found)(void *of, const struct holder *h);
    void *of;
};

struct process {
    int pid, dir; /* as of a holder */
};

static void report(const struct search *s, const struct process *u, const char *image,
                   const char *how, const char *work, const char *place) {
    if (!s->only || !strcmp(s->only, image))
        s->found(s->of, &(struct holder){u->pid, u->dir, image, how, work ? work : "", place});
}

static bool is_visible(const struct search *s, const char *device) {
    for (int i = 0; i < s->count; i++)
        if (!strcmp(s->visible[i], device))
            return true;
    return false;
}

/* The mount namespace of a process; 0: unknown. The kernel generates a mount table for each read,
 * and most processes share one. */
static ino_t table_of(int dir) {
    struct stat st;
    char root[2]; /* in a chroot only a part of the table is seen */
    if (readlinkat(dir, "root", root, sizeof root) != 1 || fstatat(dir, "ns/mnt", &st, 0) < 0)
        return 0;
    return st.st_ino;
}

/* Whether the mounts that a process sees are in the hands of somebody who has nothing to do with
 * the store: in a namespace of their own they can make any, and call it what they like. */
static bool is_a_strangers(const struct search *s, int dir) {
    uid_t owner = 0;
    int mounts = openat(dir, "ns/mnt", O_RDONLY | O_CLOEXEC);
    int users = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
    bool known = users >= 0 && ioctl(users, NS_GET_OWNER_UID, &owner) == 0;
    close(users);
    close(mounts);
    return known && owner != 0 && owner != s->store->owner && owner != geteuid();
}

static bool is_barren(const struct search *s, ino_t table) {
    for (int i = 0; i < s->barren_count; i++)
        if (s->barren[i] == table)
            return true;
    return false;
}

/* Of one process, or (u->pid 0) the mounts that everybody sees. */
static void by_mounts(struct search *s, const struct process *u) {
    ino_t known = u->pid ? table_of(u->dir) : 0;
    if (known && is_barren(s, known))
        return;
    int fd = openat(u->dir, "mountinfo", O_RDONLY | O_CLOEXEC);
    FILE *table = fd < 0 ? NULL : fdopen(fd, "r");
    char *line = NULL, image[ID_SIZE];
    size_t room = 0;
    bool any = false;
    while (table && getline(&line, &room, table) > 0) {
        struct mounted m;
        const char *work;
        if ((!strstr(line, " plashui:") && !strstr(line, "/_data/root")) ||
            !mount_parse(line, &m) || !mount_of_store(&m, s->store, image, &work))
            continue;
        if (u->pid && is_a_strangers(s, u->dir))
            break;
        if (u->pid && is_visible(s, m.device))
            continue;
        if (!u->pid && (!strcmp(m.place, "/") || s->count == 64 || is_visible(s, m.device)))
            continue;
        if (!u->pid)
            s->visible[s->count++] = must_copy(m.device);
        report(s, u, image, !u->pid ? "mount" : work ? "run" : "old", work, m.place);
        any = true;
    }
    free(line);
    if (table)
        fclose(table);
    if (known && table && !any && s->barren_count < 64)
        s->barren[s->barren_count++] = known;
}

/* The image whose layer's _data it is: "STORE/layer/0/3/7/_data" or in the store's trash. */
static bool image_of_lock(const struct store *s, char *link, char *image) {
    size_t n = strlen(s->path);
    char *end = strstr(link, "/_data");
    if (strncmp(link, s->path, n) != 0 || !end || end[strlen("/_data")])
        return false;
    if (strncmp(link + n, "/layer/", 7) != 0 && strncmp(link + n, "/trash/", 7) != 0)
        return false;
    *end = 0;
    const char *id = strrchr(link, '/') + 1;
    if (!is_id(id))
        return false;
    strcpy(image, id);
    return true;
}

struct pair {
    struct search *search;
    const struct process *process;
};

static bool by_lock(int fds, const char *name, void *of) {
    const struct pair *p = of;
    char link[4096], image[ID_SIZE];
    ssize_t n = readlinkat(fds, name, link, sizeof link - 1);
    link[n > 0 ? n : 0] = 0;
    if (image_of_lock(p->search->store, link, image) && descriptor_locks(fds, name))
        report(p->search, p->process, image, "lock", NULL, "");
    return false;
}

static bool look_at(pid_t pid, int dir, void *search) {
    struct process u = {pid, dir};
    by_mounts(search, &u);
    process_has(dir, by_lock, &(struct pair){search, &u});
    return false;
}

void holders_find(const struct store *store, const char *image,
                  void (*found)(void *of, const struct holder *h), void *of) {
    struct search s = {.store = store, .only = image, .found = found, .of = of};
    int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (store->fd < 0 || self < 0)
        return;
    by_mounts(&s, &(struct process){.dir = self});
    close(self);
    process_find(look_at, &s);
}

/* Root never writes to a store that is a user's, so the user need not read the mounts of all of
 * root's processes. (Those of ours that seem to be root's hold locks.) */
static bool look_at_writer(pid_t pid, int dir, void *search) {
    struct search *s = search;
    struct stat st;
    bool of_root = fstat(dir, &st) == 0 && st.st_uid == 0;
    if (!of_root || geteuid() == 0 || s->store->owner == 0)
        by_mounts(s, &(struct process){pid, dir});
    return false;
}

void writers_find(const struct store *store, void (*found)(void *of, const struct holder *h),
                  void *of) {
    struct search s = {.store = store, .found = found, .of = of};
    int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self < 0)
        return;
    by_mounts(&s, &(struct process){.dir = self});
    close(self);
    process_find(look_at_writer, &s);
}

static void note(void *of, const struct holder *h) {
    (void)h;
    *(bool *)of = true;
}

static bool sees(pid_t pid, int dir, void *search) {
    struct search *s = search;
    by_mounts(s, &(struct process){pid, dir});
    return *(bool *)s->of;
}

bool image_is_mounted(const struct store *store, const char *image) {
    bool found = false;
    struct search s = {.store = store, .only = image, .found = note, .of = &found};
    int self = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (self < 0)
        return true; /* nobody can tell */
    by_mounts(&s, &(struct process){.dir = self});
    close(self);
    if (!found)
        process_find(sees, &s);
    return found;
}
