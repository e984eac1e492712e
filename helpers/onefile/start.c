#include "onefile/start.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fail.h"
#include "base/rooted_path.h"
#include "base/syscalls.h"
#include "image/upper_in_memory.h"
#include "mount/overlay.h"
#include "mount/pivot_root.h"
#include "onefile/cache.h"

static void say(const char *way, const char *why) {
    if (errors_name_places)
        remark("root directory: %s%s%s", way, why ? ": " : "", why ? why : "");
}

/* ---- before the namespaces */

enum way start_way(void) {
    static const char *const names[] = {"auto", "fuse", "cache", "memory", "chroot"};
    const char *word = getenv("PLASH_APP_WAY");
    if (!word || !*word)
        return WAY_AUTO;
    for (enum way w = WAY_AUTO; w <= WAY_CHROOT; w++)
        if (!strcmp(word, names[w]))
            return w;
    refuse("PLASH_APP_WAY is auto, fuse, cache, memory or chroot, not: %s", word);
}

static bool has_fuse(void) {
    int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
    if (device >= 0)
        close(device);
    return device >= 0;
}

/* Unpack to the cache now, and wait. */
static enum way unpack_first(struct start *s) {
    const char *why = NULL;
    bool told = false;
    for (int tries = 0; !told && tries < 2; tries++) { /* the second removes what the first left */
        struct filler f = filler_start(s->contents, false);
        told = filler_wait(&f, s->contents, s->conf->name, &why);
    }
    if (told && !why)
        return WAY_CACHE;
    why = told ? why : "the process that does it has ended";
    if (s->way == WAY_CACHE)
        refuse("cannot unpack %s to the cache: %s", s->conf->name, why);
    say("not in the cache", why);
    return WAY_MEMORY;
}

void start_prepare(struct start *s) {
    s->server.socket = s->filler.lifeline = -1;
    /* Where changes in memory over it do not work, it is changed itself. */
    bool copied = !s->mounting.changes.path &&
                  (s->conf->root == ROOT_COPY || (s->conf->root == ROOT_OVERLAY && ram_trouble()));
    s->way = s->contents->beside ? WAY_BESIDE : copied ? WAY_MEMORY : start_way();
    if ((s->way == WAY_AUTO || s->way == WAY_CACHE) && cache_has(s->contents)) {
        s->way = WAY_CACHE;
        return;
    }
    contents_open(s->contents);
    if (s->way == WAY_BESIDE || s->way == WAY_MEMORY)
        return;
    if (s->way == WAY_CACHE || (s->way == WAY_AUTO && (s->unpacks || !has_fuse()))) {
        s->way = unpack_first(s);
        return;
    }
    s->server = server_start(&s->contents->image, contents_rootfs(s->contents));
    if (s->way == WAY_AUTO && cache_note_start(s->contents))
        s->filler = filler_start(s->contents, true);
    s->way = WAY_FUSE;
}

void start_over(struct start *s) {
    server_over(&s->server);
    filler_let_go_on(&s->filler);
}

/* ---- in the namespaces */

/* A file system in memory, attached where nobody looks for it, with these empty directories. */
static int room_in_memory(void) {
    static const char step[] = "make room in memory for", thing[] = "the app";
    static const char *const names[] = {"data", "work", "lower"};
    uint64_t bytes = ram_to_spare();
    char size[32], inodes[32];
    snprintf(size, sizeof size, "%" PRIu64, bytes);
    snprintf(inodes, sizeof inodes, "%" PRIu64, bytes / 4096);
    const char *const options[] = {"mode", "0755", "size", size, "nr_inodes", inodes, NULL};
    int room = must(new_file_system("tmpfs", options, 0), step, thing);
    root_attach(room, -1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        must(mkdirat(room, names[i], 0755), step, thing);
    return room;
}

static const int for_overlay = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

static int unpack_to_memory(struct start *s, int room, enum map map) {
    int into = must(openat(room, "lower", O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open", "memory");
    const char *why = contents_unpack(s->contents, into, map, false);
    if (why)
        refuse("cannot unpack %s into memory: %s", s->conf->name, why);
    close(into);
    return must(openat(room, "lower", for_overlay), "open", "memory");
}

/* -1 and errno if that is not possible. */
static int serve(const struct server *server, int room, enum map map) {
    const char *place = must_print("/proc/self/fd/%d/lower", room);
    if (server_mount(server, place, map != MAP_SINGLE) < 0)
        return -1;
    return openat(room, "lower", for_overlay);
}

static int lower_of(struct start *s, int room, enum map map) {
    int lower = -1;
    switch (s->way) {
    case WAY_BESIDE:
        return must(open(must_print("%s/rootfs", s->contents->beside), for_overlay & ~O_NOFOLLOW),
                    "open the rootfs in", s->contents->beside);
    case WAY_CACHE:
        if ((lower = cache_open(s->contents, map)) >= 0)
            say("the copy in the cache", NULL);
        break;
    case WAY_FUSE:
        if ((lower = serve(&s->server, room, map)) >= 0)
            say("this file, by FUSE", NULL);
        break;
    default:
        break;
    }
    if (lower >= 0)
        return lower;
    say("a copy in memory", s->way == WAY_FUSE ? strerror(errno) : NULL);
    s->way = WAY_MEMORY;
    return unpack_to_memory(s, room, map);
}

/* The changes, kept or in memory, over `lower`. */
static int overlay_over(const struct start *s, int room, int lower, uint64_t attributes) {
    int changes = room;
    if (s->mounting.changes.path)
        changes = must(open(s->mounting.changes.path, O_PATH | O_DIRECTORY | O_CLOEXEC), "open",
                       s->mounting.changes.path);
    struct overlay o = {.lowers = {lower},
                        .count = 1,
                        .upper = must(openat(changes, "data", for_overlay), "open", "the changes"),
                        .work = must(openat(changes, "work", for_overlay), "open", "the changes"),
                        .userxattr = in_a_userns(),
                        .source = "plash-app",
                        .what = s->conf->name,
                        .attributes = attributes};
    int root = overlay_mount(&o);
    close(o.upper);
    close(o.work);
    return root;
}

/* What is mounted keeps it. A root directory of the host with something on it would not be let go
 * of in root_enter. */
static void let_go_of(int room) {
    const char *place = must_print("/proc/self/fd/%d", room);
    must(umount2(place, MNT_DETACH), "let go of", "the room in memory");
    close(room);
}

/* Nothing is over what was copied: it is changed itself. */
static int mount_copy(int lower, uint64_t attributes) {
    struct k_mount_attr limits = {.set = attributes};
    int root = must(k_clone_tree(lower, ""), "mount", "the copy in memory");
    must(k_mount_setattr(root, "", K_EMPTY_PATH, &limits), "mount", "the copy in memory");
    return root;
}

int start_root(struct isolation *i, struct mounting *m) {
    struct start *s = (struct start *)m; /* of which it is the first */
    uint64_t attributes = K_ATTR_NODEV | (i->may_become_others ? 0 : K_ATTR_NOSUID);
    int room = room_in_memory();
    int lower = lower_of(s, room, i->map);
    if (s->server.socket >= 0)
        close(s->server.socket);
    int root = s->way == WAY_MEMORY && !m->changes.path ? mount_copy(lower, attributes)
                                                        : overlay_over(s, room, lower, attributes);
    close(lower);
    let_go_of(room);
    return root;
}

/* The kernel shows what FUSE has to nobody outside of the namespace; what an overlay has, it reads
 * as whoever mounted that. */
int start_view(const struct server *server, enum map map) {
    static const char thing[] = "what is in this file";
    int room = room_in_memory();
    struct overlay o = {.lowers = {must(serve(server, room, map), "mount", thing),
                                   must(openat(room, "work", for_overlay), "mount", thing)},
                        .count = 2,
                        .upper = -1,
                        .userxattr = in_a_userns(),
                        .source = "plash-app",
                        .what = thing};
    int view = overlay_mount(&o);
    let_go_of(room);
    return view;
}
