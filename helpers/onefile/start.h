/* Where an app's root directory comes from: the copy in the cache, the file itself through FUSE, or
 * memory; and the changes over it. See FORMAT.md. */
#pragma once

#include "image/image_mount.h"
#include "onefile/conf.h"
#include "onefile/contents.h"
#include "onefile/filler.h"
#include "onefile/server.h"
#include "run/sandbox.h"

enum way { WAY_AUTO, WAY_FUSE, WAY_CACHE, WAY_MEMORY, WAY_CHROOT, WAY_BESIDE };

struct start {
    struct mounting mounting; /* the first: see start_root */
    struct contents *contents;
    const struct conf *conf;
    enum way way;
    bool unpacks; /* the copy is made first, if there is none */
    struct server server;
    struct filler filler;
};

/* What PLASH_APP_WAY says, or fail. WAY_CHROOT is not for start_prepare: see chroot.h. */
enum way start_way(void);

/* Choose the way, and start what it needs, outside of all namespaces. Call it last before them:
 * what it starts would keep open what is opened before. */
void start_prepare(struct start *s);

/* For isolation.root: mount it. `m` is that of a struct start. */
int start_root(struct isolation *i, struct mounting *m);

/* The app has ended, and was not killed together with us. */
void start_over(struct start *s);

/* Mount what the server serves for others to see, read-only, in a namespace with this map:
 * detached.
 */
int start_view(const struct server *server, enum map map);
