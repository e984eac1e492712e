/* Volumes: directories and files of the host that an isolated image shares, -v HOST:PATH[:ro]. */
#pragma once

#include <stdbool.h>

struct volume {
    const char *host, *place;
    bool read_only;
    int tree, spot;
};

/* Parse HOST:PATH[:ro], or fail. */
struct volume volume_of(const char *word);

/* Make the host's side where it is missing. A name without a '/' is a directory in the store. */
void volumes_make(struct volume *volumes, int count, const char *store);

/* Call these in this order: clone all from the host; open or make all their places in the image,
 * while nothing of the host is in it; attach all. */
void volumes_take(struct volume *volumes, int count);
void volumes_place(struct volume *volumes, int count, int root);
void volumes_attach(struct volume *volumes, int count);
