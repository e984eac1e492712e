/* The squashfs of this file, served to the app through FUSE by a process of our own. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "squashfs/squashfs.h"

struct server {
    int socket; /* by which it is asked to serve; or -1 */
    pid_t pid;
};

/* Start that process, for the directory whose inode is at `root`. It is outside of all namespaces,
 * where the app can neither see nor end it, and ends with the mount, or, if there is none, with the
 * socket. */
struct server server_start(struct squashfs *image, uint64_t root);

/* Mount it at this path, in the namespaces of this process; or return -1 and errno. `owners`: files
 * have the owners of the squashfs, else root. */
int server_mount(const struct server *s, const char *path, bool owners);

/* Wait until it has ended, once nothing has the mount any more. */
void server_over(const struct server *s);
