/* What of the host a plain run sees: home directories, devices, network settings. */
#pragma once

#include <stdbool.h>

#include "image/image_mount.h"

enum { PLACES = 8 };

/* Which files of the host are shared; the others are the image's own. */
enum sharing {
    SHARE_ALL,
    SHARE_READ_ONLY, /* /home, /root, and the host's root directory at /mnt: read-only; not /tmp */
    SHARE_NO_FILES,  /* no /home, /root, /tmp and /mnt */
    SHARE_FOR_BUILD, /* /sys and resolv.conf, read-only */
};

struct flavour {
    int root; /* the detached mount that becomes "/" */
    enum sharing sharing;
    bool shared; /* no private mount namespace: mounts must not spread from the clones */
    bool resolved;
    int clones[PLACES], spots[PLACES];

    const char *path;  /* PATH: of the image's configuration; else out, from its /etc/environment */
    const char *shell; /* out: root's, for a login */
};

/* Clone the trees of the host, and resolve their places inside the image, in either order: cloning
 * must come first where the image is mounted in between; resolving first saves clones that have no
 * place. Only then is anything attached: a link in the image can never lead to the host. */
void flavour_clone_host(struct flavour *f);
void flavour_resolve(struct flavour *f);

/* Read PATH and, for a login, root's shell from the image. */
void flavour_read_image(struct flavour *f, bool login);
void flavour_attach(const struct flavour *f);

/* The directory in the image for the host's root directory, for root_enter; or -1. */
int flavour_place_of_host(const struct flavour *f);

/* Mount points for images that lack some. */
extern const struct mountpoints flavour_mountpoints;
