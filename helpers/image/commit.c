#include "image/commit.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/json_string.h"
#include "base/syscalls.h"
#include "layer/settle.h"
#include "store/ids.h"
#include "store/moving.h"
#include "tree/delete.h"

static FILE *note_begin(int meta, const char *name) {
    unlinkat(meta, name, 0);
    int fd = must(openat(meta, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600),
                  "write the metadata of", name);
    return must_have(fdopen(fd, "w"), "write the metadata of", name);
}

static void note_end(FILE *file, const char *name) {
    bool failed = ferror(file) != 0;
    must(fclose(file) < 0 || failed ? -1 : 0, "write the metadata of", name);
}

static void write_usage(int meta, struct disk_usage u) {
    FILE *file = note_begin(meta, "usage.json");
    fprintf(file, "{\"allocated\": %llu, \"apparent\": %llu, \"files\": %llu}",
            (unsigned long long)u.allocated, (unsigned long long)u.apparent,
            (unsigned long long)u.files);
    note_end(file, "usage.json");
}

static void write_birth(int meta, const struct birth *b) {
    char now[40];
    time_t seconds = time(NULL);
    struct tm utc;
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S+00:00", gmtime_r(&seconds, &utc));
    FILE *file = note_begin(meta, "image.json");
    fprintf(file, "{\"origin\": %s, \"created\": \"%s\"", json_string(b->origin), now);
    if (b->command) {
        fputs(", \"command\": [", file);
        for (char **word = b->command; *word; word++)
            fprintf(file, "%s%s", word == b->command ? "" : ", ", json_string(*word));
        fputs("]", file);
    }
    if (b->more)
        fprintf(file, ", %s", b->more);
    fputs("}", file);
    note_end(file, "image.json");
}

/* The directory of the new layer: _data, to which the content goes, and the notes in _meta.
 * Returns _data. */
static int prepare(const struct workdir *w, const struct birth *b, struct disk_usage u) {
    struct stat st;
    static const char *const both[] = {"_data", "_meta"};
    for (int i = 0; i < 2; i++)
        if (mkdirat(w->fd, both[i], i ? 0700 : 0755) < 0 && errno != EEXIST)
            must(-1, must_print("make %s in", both[i]), w->name);
    int data = must(openat(w->fd, "_data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    "open _data in", w->name);
    int meta = must(openat(w->fd, "_meta", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
                    "open _meta in", w->name);
    must(fstat(data, &st), "look at _data in", w->name);
    u.allocated += (uint64_t)st.st_blocks * 512;
    u.apparent += (uint64_t)st.st_size;
    write_usage(meta, u);
    if (b->origin)
        write_birth(meta, b);
    close(meta);
    return data;
}

struct place {
    unsigned long long id;
    char *link, *path;
};

/* Make the link first: without its target it is not an image, to either program. A crash after this
 * line leaves only the link; the rename of `move_to` makes the image. */
static struct place take_place(const struct store *s, const struct image *parent,
                               const struct workdir *w) {
    struct place p;
    must(fchmod(w->fd, 0755), "open to others", w->name);
    p.link = ids_take(s, parent, &p.id);
    p.path = must_print("%s/%llu", parent->place, p.id);
    return p;
}

static char *move_to(const struct store *s, const struct place *p, const struct workdir *w) {
    if (renameat(w->tmp, w->name, s->fd, p->path) < 0) {
        int error = errno;
        unlinkat(s->fd, p->link, 0);
        fail((struct failure){.step = "move the new image to", .thing = p->path, .error = error});
    }
    return must_print("%llu", p->id);
}

static int open_content(int dir, const char *name, const char *thing) {
    return must(openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open", thing);
}

/* Writing a layer to the disk, in a thread: settling only reads most layers, at the same time. */
struct writing {
    int content, error;
    pthread_t thread;
};

static void *write_to_disk(void *of) {
    struct writing *writing = of;
    writing->error = syncfs(writing->content) < 0 ? errno : 0;
    return NULL;
}

static struct disk_usage settle_and_write(const struct store *s, const struct image *parent,
                                          int content, bool from_tar, const char *name) {
    struct writing writing = {.content = content};
    errno = pthread_create(&writing.thread, NULL, write_to_disk, &writing);
    must(errno ? -1 : 0, "start", "a thread");
    struct disk_usage usage = settle(s, parent, content, from_tar);
    pthread_join(writing.thread, NULL);
    /* A disk error that came while nobody waited for it is reported here, too. */
    errno = writing.error;
    must(errno ? -1 : 0, "write to the disk", name);
    return usage;
}

char *commit_workdir(const struct store *s, const struct image *parent, const struct workdir *w,
                     const struct birth *b, bool unsynced) {
    int content = open_content(w->fd, "data", must_print("%s/data", w->path));
    struct removed scratch = remove_names(w->fd, (char *[]){must_copy("work")}, 1, 1);
    if (scratch.failed)
        fail((struct failure){
            .step = "remove the scratch directory of", .thing = w->name, .error = scratch.error});
    struct disk_usage usage = unsynced ? settle_and_write(s, parent, content, b->from_tar, w->name)
                                       : settle(s, parent, content, b->from_tar);
    int data = prepare(w, b, usage);
    must(renameat(w->fd, "data", data, "root"), "move data to _data/root in", w->name);
    close(data);
    close(content);
    struct place p = take_place(s, parent, w);
    return move_to(s, &p, w);
}

/* What commit_directory has moved, and where from. */
static struct {
    int data;
    const char *from;
    struct workdir work;
} taken;

static void give_back(void) {
    if (renameat(taken.data, "root", AT_FDCWD, taken.from) == 0 || errno == ENOENT)
        workdir_remove(&taken.work);
}

/* The kernel says that before it looks whether the target may be replaced: this one may not. */
static bool is_elsewhere(const char *directory, const struct workdir *w) {
    return k_renameat2(AT_FDCWD, directory, w->tmp, w->name, K_RENAME_NOREPLACE) < 0 &&
           errno == EXDEV;
}

static const char STACKED[] = "stack_"; /* stack_ID_NAME in tmp/ */

/* All that takes long is done where the directory is. Once it is in the store, it is in a directory
 * that no sweep takes for a work directory: killed just then, we have lost nothing of a person's,
 * and the next sweep makes the image (commit_finish). */
char *commit_directory(const struct store *s, const struct image *parent, const char *directory,
                       const struct birth *b) {
    struct workdir w = workdir_new(s);
    workdir_remove_on_failure(&w);
    if (is_elsewhere(directory, &w)) {
        workdir_remove(&w);
        workdir_keep();
        return NULL;
    }
    int content = open_content(AT_FDCWD, directory, directory);
    taken.data = prepare(&w, b, settle(s, parent, content, b->from_tar));
    taken.from = directory;
    struct place p = take_place(s, parent, &w);
    char *safe = must_print("%s%llu_%s", STACKED, p.id, w.name);
    must(renameat(w.tmp, w.name, w.tmp, safe), "rename in the store", w.name);
    w.name = safe;
    taken.work = w;
    on_failure(give_back);
    if (renameat(AT_FDCWD, directory, taken.data, "root") < 0) {
        int error = errno;
        unlinkat(s->fd, p.link, 0);
        if ((errno = error) != EXDEV) /* which some file systems say of directories only now */
            must(-1, "move into the store", directory);
        on_failure(NULL);
        workdir_remove(&w);
        return NULL;
    }
    char *id = move_to(s, &p, &w);
    on_failure(NULL);
    return id;
}

static bool is_stacked(int tmp, const char *name, const void *of) {
    (void)tmp, (void)of;
    return !strncmp(name, STACKED, strlen(STACKED));
}

/* What has its content becomes the image; else it is a work directory as any that was left. */
static void finish_one(const struct store *s, int tmp, const char *name) {
    char id[ID_SIZE], target[4096];
    struct image image;
    struct stat st;
    int length = 0, lock;
    if (sscanf(name + strlen(STACKED), "%11[0-9]_%n", id, &length) != 1 || !length ||
        !workdir_lock_left(tmp, name, &lock) || lock < 0)
        return;
    if (fstatat(lock, "_data/root", &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode)) {
        renameat(tmp, name, tmp, name + strlen(STACKED) + length);
    } else {
        ssize_t n = readlinkat(s->fd, must_print("index/%s", id), target, sizeof target - 1);
        target[n > 0 ? n : 0] = 0;
        if (place_of_link(target, id, &image))
            renameat(tmp, name, s->fd, image.place);
    }
    close(lock);
}

static int open_tmp(const struct store *s) {
    return openat(s->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

void commit_finish(const struct store *s) {
    struct names stacked = directory_names(open_tmp(s), is_stacked, NULL);
    if (!stacked.count)
        return;
    int moving = moving_begin(s), tmp = open_tmp(s);
    for (size_t i = 0; i < stacked.count; i++)
        finish_one(s, tmp, stacked.all[i]);
    close(moving);
    close(tmp);
}
