/* The flavoured root: an image with the host's home, devices and network settings in it. */
#pragma once

#include <stdbool.h>

#include "image/image_mount.h"

enum { PLACES = 8 };

/* How the host's files are there; what is not is the image's own. */
enum sharing {
    SHARE_ALL,
    SHARE_READ_ONLY, /* /home, /root and the whole at /mnt to be read only; not /tmp */
    SHARE_NO_FILES,  /* no /home, /root, /tmp and /mnt */
    SHARE_FOR_BUILD, /* /sys and resolv.conf, to be read only */
};

struct flavour {
    int root; /* the detached mount that becomes "/" */
    enum sharing sharing;
    bool shared; /* no mount namespace of our own: nothing may spread from the clones */
    bool resolved;
    int clones[PLACES], spots[PLACES];

    const char *path;  /* PATH; out, unless the image wishes one: as its /etc/environment has it */
    const char *shell; /* out: root's, for a login */
};

/* In this order: every place for the host's trees is resolved as seen from the image's root, and
 * they are cloned (what is resolved first spares clones for which there is no place); and only then
 * is anything attached. A link of the image can so never lead to the host. */
void flavour_clone_host(struct flavour *f);
void flavour_resolve(struct flavour *f);
void flavour_read_image(struct flavour *f, bool login);
void flavour_attach(const struct flavour *f);

/* Where the image takes the host's root directory, for root_enter; or -1. */
int flavour_place_of_host(const struct flavour *f);

/* For images that lack some. */
extern const struct mountpoints flavour_mountpoints;
