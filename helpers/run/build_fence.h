/* The surroundings of a build: it can change its image, and nothing else on the machine.
 *
 * All files are the image's, also /home, /root and /tmp. The build shares the network of the host,
 * and read-only the caller's working directory, resolv.conf and /sys. It has its own /dev and
 * /proc, and is confined like an isolated run (privileges.h), except that setuid programs work.
 *
 * With --isolate the image's configuration counts as in an isolated run: its environment (and
 * nothing of the caller's), user and directory; not its entry point. The caller's directory is not
 * there. The options of an isolated run apply, and the network is its own without --net. */
#pragma once

#include "image/image_mount.h"
#include "run/host_binds.h"
#include "run/privileges.h"
#include "run/sandbox.h"
#include "store/image_config.h"
#include "userns/userns.h"

struct building {
    const char *where;     /* "image 7" */
    const char *label;     /* "7 web", for people in a shell */
    const char *directory; /* the caller's working directory, or NULL */
    struct runconf conf;   /* of the image's configuration only PATH is used */
    bool kept;             /* its changes, however it exits */
    struct isolation *own; /* with --isolate; else NULL */

    struct user who; /* the rest is build_fence.c's */
    const char *path;
    int place;      /* the working directory */
    bool only_root; /* see privileges.h */
    bool sets_apt;  /* APT_CONFIG is set */
    struct trace {
        char *path; /* in data/ */
        struct timespec changed;
        bool directory, touched;
    } * traces; /* places made for what is mounted there; deepest first */
    int count;
};

/* In the keeper, which is the first process of a pid namespace. */
struct identity building_prepare(struct building *b, struct mounting *m);

/* In the payload. `command` may be empty. */
_Noreturn void building_become(struct building *b, char **command, bool login);

/* In the keeper, at the end: remove those places from the layer again. */
void building_tidy(const struct building *b, const struct changes *changes);
