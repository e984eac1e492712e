#include "image/image_mount.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/json.h"
#include "base/syscalls.h"
#include "image/rootfs_mount.h"
#include "image/upper_in_memory.h"
#include "store/workdir.h"

/* Open a directory of empty mount points, for images that lack some. It is the lowest layer: an
 * image that has its own hides it, and nothing is created in an image or its changes. (Mounting
 * first without it, and again with it if something is missing, would cost more than the rest of a
 * run.) It is made when first needed, as a work directory, which a sweep leaves alone; -1: it
 * cannot be made, and the image is mounted without it. */
static int mountpoints_layer(const struct store *s, const struct mountpoints *points) {
    char place[64];
    snprintf(place, sizeof place, "layer/0/_meta/%s", points->name);
    int fd = openat(s->fd, place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    struct workdir w;
    if (fd >= 0 || store_is_for_reading() || store_is_anothers(s) || !workdir_try_new(s, &w))
        return fd;
    mkdirat(s->fd, "layer/0/_meta", 0711);
    bool made = fchmod(w.fd, 0755) == 0 && points->make(w.fd);
    if (!made || renameat(w.tmp, w.name, s->fd, place) < 0)
        workdir_remove(&w); /* the disk is full, or somebody was faster */
    close(w.fd);
    close(w.tmp);
    return openat(s->fd, place, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* Each layer is a descriptor for as long as it takes to mount them. */
static void allow_descriptors(int layers) {
    struct rlimit limit;
    if (layers < 100 || getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= 1024)
        return;
    limit.rlim_cur = limit.rlim_max < 1024 ? limit.rlim_max : 1024;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static void open_changes(const struct mounting *m, struct overlay *o) {
    int dir = m->in_memory ? ram_make(must_print("%s/mnt", m->store), m->in_memory)
                           : must(open(m->changes.path, O_PATH | O_DIRECTORY | O_CLOEXEC), "open",
                                  m->changes.path);
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    o->upper = must(openat(dir, "data", flags), "open data in", m->changes.path);
    o->work = must(openat(dir, "work", flags), "open work in", m->changes.path);
    close(dir);
}

char *mount_source(const struct mounting *m, const struct store *s) {
    return must_print("plashui:%s:%llu:%s", m->image.id, (unsigned long long)s->number,
                      m->changes.work ? m->changes.work : "-");
}

int mount_image(struct mounting *m, const struct mountpoints *mountpoints) {
    uint64_t attributes = (m->setuid ? 0 : K_ATTR_NOSUID) | (m->devices ? 0 : K_ATTR_NODEV);
    if (m->rootfs)
        return rootfs_mount(m->rootfs, attributes, m->in_memory);
    struct store s = store_at(m->store);
    if (s.fd < 0)
        refuse("no image %s", m->image.id);
    allow_descriptors(image_depth(&m->image));

    struct overlay o = {.upper = -1, .work = -1, .unsynced = m->unsynced};
    o.count = image_layers(&s, &m->image, o.lowers);
    if (m->conf)
        *m->conf = runconf_of(o.lowers, o.count);
    int extra = mountpoints ? mountpoints_layer(&s, mountpoints) : -1;
    if (extra >= 0 && o.count == MOST_LOWERS && image_depth(&m->image) == MOST_LOWERS)
        close(o.lowers[--o.count]); /* layer 0, which is empty, makes room */
    if (extra >= 0 && o.count < MOST_LOWERS)
        o.lowers[o.count++] = extra;
    if (m->changes.path || m->in_memory)
        open_changes(m, &o);
    m->depth = o.count;
    /* Where nothing is writable, the kernel wants two layers at least. What the empty image
     * gets below it is as empty. */
    if (o.count == 1 && o.upper < 0)
        o.lowers[o.count++] =
            must(openat(s.fd, "mnt", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), "open", "mnt");
    char what[40], *source = mount_source(m, &s);
    snprintf(what, sizeof what, "image %s", m->image.id);
    o.what = what;
    o.source = source;
    o.attributes = attributes;
    o.userxattr = overlay_uses_userxattr(&s);

    int mount = overlay_mount(&o);

    for (int i = 0; i < o.count; i++)
        close(o.lowers[i]);
    if (o.upper >= 0) {
        close(o.upper);
        close(o.work);
    }
    close(s.fd);
    free(source);
    m->tier = o.tier;
    return mount;
}

void ready_open(struct json *j, const struct identity *me, const struct mounting *m) {
    event_open(j, "ready");
    json_text(j, "map", map_name(me->map));
    if (*me->why)
        json_text(j, "why", me->why);
    if (m) {
        json_number(j, "tier", (uint64_t)m->tier);
        json_number(j, "depth", (uint64_t)m->depth);
    }
}
