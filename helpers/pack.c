/* engine:pack — the system's tar of a directory, on standard output, and nothing written.
 *
 * Of a merged image too: engine:with runs it there. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "engine.h"
#include "landlock.h"
#include "mounting.h"
#include "must.h"
#include "program.h"
#include "status.h"
#include "userns.h"
#include "waiter.h"

struct pack {
    const char *path;
    bool strangers_to_root;
    int directory;
    struct identity me;
};

static void prepare(void *of) {
    struct pack *p = of;
    p->me = userns_try(CLONE_NEWNS);
    /* Only in the namespace: it may be closed to all but root of the image. */
    p->directory = must(open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "read", p->path);
}

/* The id that everybody has who has no other in our namespace. */
static unsigned overflow_id(const char *path) {
    unsigned id = 65534;
    FILE *file = fopen(path, "re");
    if (file) {
        if (fscanf(file, "%u", &id) != 1)
            id = 65534;
        fclose(file);
    }
    return id;
}

/* What tar wants as --owner-map or --group-map: a file, here one that only tar sees. */
static char *map_to_root(const char *option, const char *overflow) {
    int fd = must(memfd_create("map", 0), "make", "a file in memory");
    if (dprintf(fd, "+%u root:0\n", overflow_id(overflow)) < 0)
        must(-1, "write to", "a file in memory");
    return must_print("%s=/proc/self/fd/%d", option, fd);
}

static void payload(void *of) {
    struct pack *p = of;
    must(fchdir(p->directory), "enter", p->path);
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up privileges for", "tar");
    int version = landlock_write_only_beneath(-1);

    struct json j;
    ready_open(&j, &p->me, NULL);
    json_number(&j, "pid", (uint64_t)getpid());
    json_number(&j, "landlock", (uint64_t)version);
    event_send(&j);

    const char *tar = tar_path();
    if (!*tar)
        refuse("cannot pack: GNU tar is not installed");
    char *argv[24] = {
        must_copy(tar),
        must_copy("--create"),
        must_copy("--file=-"),
        must_copy("--format=pax"),
        /* The same tree gives the same bytes: no times of reading, no process ids, one order. */
        must_copy("--pax-option=delete=atime,delete=ctime,exthdr.name=%d/PaxHeaders/%f"),
        must_copy("--sort=name"),
        must_copy("--numeric-owner"),
        must_copy("--sparse"),
        must_copy("--acls"),
        must_copy("--xattrs"),
        must_copy("--xattrs-include=user.*"),
        must_copy("--xattrs-include=security.capability"),
        must_copy("--xattrs-exclude=user.overlay.*"), /* the store's own marks */
        must_copy("--xattrs-exclude=user.fuseoverlayfs.*"),
        must_copy("--one-file-system"),
        must_copy("--warning=no-file-ignored"), /* sockets, which are nothing without a process */
        must_copy("--quoting-style=escape"),
    };
    size_t n = 0;
    while (argv[n])
        n++;
    if (p->strangers_to_root) {
        argv[n++] = map_to_root("--owner-map", "/proc/sys/kernel/overflowuid");
        argv[n++] = map_to_root("--group-map", "/proc/sys/kernel/overflowgid");
    }
    argv[n++] = must_copy("--");
    argv[n] = must_copy(".");
    setenv("LC_ALL", "C", 1);
    unsetenv("TAR_OPTIONS"); /* the caller's habits could undo what is asked for here */
    become(argv, environ);
}

int verb_engine_pack(int argc, char **argv) {
    struct pack p = {0};
    const struct option known[] = {{"--strangers-to-root", .flag = &p.strangers_to_root}, {0}};
    p.path = argv[words_read(argc, argv, known, 1, 1)];
    return wait_for(&(struct job){.prepare = prepare,
                                  .payload = payload,
                                  .of = &p,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = true});
}
