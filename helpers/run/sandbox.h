/* run --isolate: an image with namespaces, devices and an environment of its own, which
 * shares with the host what it is told to. */
#pragma once

#include <stdbool.h>

#include "base/options.h"
#include "image/image_mount.h"
#include "run/cgroup.h"
#include "run/privileges.h"
#include "run/volumes.h"
#include "store/image_config.h"
#include "userns/userns.h"

struct isolation {
    bool network, writable, may_become_others; /* --net --rw --setuid */
    const char *user, *directory, *hostname, *seccomp, *memory;
    uint64_t processes;            /* --pids */
    struct list shared, variables; /* -v -e */

    struct runconf conf; /* what the image wishes */
    const char *where;   /* "image 7" */

    enum map map; /* the rest is sandbox.c's */
    struct volume *volumes;
    struct user who;
    const char *path;
    int place; /* the working directory */
    struct fence fence;
    struct limits limits;
    struct cgroups groups;
};

/* One of its options that was given, or NULL. */
const char *isolate_option(const struct isolation *i);

/* What needs a process that still is the caller. */
void isolate_ready(struct isolation *i, const char *store);

/* The last thing before the keeper is started, and the first when it has ended. `joined`: the
 * keeper of the run that is joined, whose control groups are ours, too; or 0. */
void isolate_begin(struct isolation *i, pid_t joined);
void isolate_over(const struct isolation *i);

/* In the keeper: all that is done as root of the namespaces. */
struct identity isolate_prepare(struct isolation *i, struct mounting *m);

/* Instead, in the keeper of a run that has entered another's namespaces. */
void isolate_prepare_joined(struct isolation *i);

/* In the payload, also of a run that joins another's namespaces (whose `groups` are cgroups_of that
 * one, to be entered before the namespaces): who it is and what it finds. `command` may be empty.
 */
_Noreturn void isolate_become(struct isolation *i, char **command, bool login);
