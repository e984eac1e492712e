/* Directories and files of the host's that an isolated image shares: -v HOST:PATH[:ro]. */
#pragma once

#include <stdbool.h>

struct volume {
    const char *host, *place;
    bool read_only;
    int tree, spot;
};

/* Of what was typed; or an error. */
struct volume volume_of(const char *word);

/* The host's side, made where it is missing. A name without a '/' stands for a directory in
 * the store. */
void volumes_make(struct volume *volumes, int count, const char *store);

/* Then, in this order: all are taken from the host; all their places are found or made in
 * the image, when nothing of the host is there yet; all are attached. */
void volumes_take(struct volume *volumes, int count);
void volumes_place(struct volume *volumes, int count, int root);
void volumes_attach(struct volume *volumes, int count);
