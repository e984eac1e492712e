/* Volumes: directories and files of the host that an isolated image shares, -v HOST:PATH[:ro|rw].
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct volume {
    const char *host, *place;
    bool read_only;
    const char *within; /* `host` is a path in this directory, whose links do not lead out of it */
    bool fresh;         /* it was made for this run, in `within` */
    enum { OF_HOST, TMPFS, SECRET } kind;
    const char *size; /* of a TMPFS; NULL: the kernel's default */
    int content;      /* of a SECRET: a descriptor, whose file has the mode */
    uint64_t uid, gid;
    int tree, spot;
};

/* Parse HOST:PATH[:ro|rw], or fail. `folder` is the directory whose root file system is run, where
 * a mere PATH is a directory in FOLDER/volumes; NULL: of an image there is none. */
struct volume volume_of(const char *word, const char *folder);

/* Parse what is only in memory, for as long as the run: PATH[:SIZE], an empty directory; and
 * FD:UID:GID:PATH, a file with what is in a descriptor, which the command does not get. */
struct volume volume_of_tmpfs(const char *word);
struct volume volume_of_secret(const char *word);

/* Make the host's side where it is missing. A name without a '/' is a directory in the store, but
 * with `store` NULL a path as any other. */
void volumes_make(struct volume *volumes, int count, const char *store);

/* Call these in this order: clone all from the host; open or make all their places in the image,
 * while nothing of the host is in it, nor at /proc; attach all. */
void volumes_take(struct volume *volumes, int count);
void volumes_place(struct volume *volumes, int count, int root);
/* Give the fresh ones, once they are placed, to the user of the run. */
void volumes_own(const struct volume *volumes, int count, uid_t uid, gid_t gid);
void volumes_attach(struct volume *volumes, int count);
