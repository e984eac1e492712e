/* run --isolate: an image with its own namespaces, devices and environment, which shares with the
 * host only what the options say. */
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
    struct list memories, secrets; /* --tmpfs --secret, of programs; see volumes.h */

    struct runconf conf; /* how the image wants to be run */
    const char *where;   /* "image 7" */
    const char *folder;  /* of the root file system that is run, or NULL; see volumes.h */
    bool is_any_user;    /* its files are all the caller's, who may be anybody there */
    bool own_names;      /* with --net: the image's own name servers and host names */
    int (*root)(struct isolation *i, struct mounting *m); /* mounts the root directory, detached */

    enum map map; /* the rest is sandbox.c's */
    struct volume *volumes;
    int volume_count;
    struct user who;
    const char *path;
    int place; /* the working directory */
    struct fence fence;
    struct limits limits;
    struct cgroups groups;
};

/* For `root`: mount the image, or the directory of m->rootfs. */
int isolate_image(struct isolation *i, struct mounting *m);

/* Return one of its options that was given, or NULL. */
const char *isolate_option(const struct isolation *i);

/* The preparations that need the caller's own process, before any namespace. `store` is NULL if
 * there is none. */
void isolate_ready(struct isolation *i, const char *store);

/* Call these just before the keeper is started, and just after it has ended. `joined`: the keeper
 * of the run that is joined, whose control groups are used; or 0. */
void isolate_begin(struct isolation *i, pid_t joined);
void isolate_over(const struct isolation *i);

/* In the keeper: everything that is done as root of the namespaces. */
struct identity isolate_prepare(struct isolation *i, struct mounting *m);

/* The same in the keeper of a run that has joined another's namespaces. */
void isolate_prepare_joined(struct isolation *i);

/* What others have in common with it (build_fence.h): decide what was not asked for, with the id of
 * the image; the same, and take the host name; look up the user; start the loopback network; open a
 * directory of the image. */
void isolate_wish(struct isolation *i, const char *id);
void isolate_settle(struct isolation *i, const char *id);
void isolate_find_user(struct isolation *i, int root);
void isolate_loopback(void);
int isolate_directory(int root, const char *path);

/* In the payload: enter the control groups, become the user, and execute the command, which may be
 * empty. In a run that joins another, `groups` are those of that run, entered before its
 * namespaces. */
_Noreturn void isolate_become(struct isolation *i, char **command, bool login);
