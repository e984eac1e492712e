/* What is around a build: it can change its image and nothing else of the machine.
 *
 * The image is there with all of its own, /home, /root and /tmp too. Of the host it has the
 * network and, to be read only, the directory it was called in, resolv.conf and /sys; a /dev and a
 * /proc of its own; and the fence of an isolated run (privileges.h), but setuid programs work. */
#pragma once

#include "image/image_mount.h"
#include "run/host_binds.h"
#include "run/privileges.h"
#include "store/image_config.h"
#include "userns/userns.h"

struct building {
    const char *where;     /* "image 7" */
    const char *label;     /* "7 web", for people in a shell */
    const char *directory; /* where we were called, or NULL */
    struct runconf conf;   /* what the image wishes; of that only PATH counts */

    struct user who; /* the rest is build_fence.c's */
    const char *path;
    int place; /* the working directory */
    struct trace {
        char *path; /* in data/ */
        struct timespec changed;
    } * traces; /* of making a place for the caller's directory; deepest first */
    int count;
};

/* In the keeper, which is the first process of a pid namespace. */
struct identity building_prepare(struct building *b, struct mounting *m);

/* In the payload. `command` may be empty. */
_Noreturn void building_become(struct building *b, char **command, bool login);

/* In the keeper, at the end: the layer is as if no place had ever been made in it. */
void building_tidy(const struct building *b, const struct changes *changes);
