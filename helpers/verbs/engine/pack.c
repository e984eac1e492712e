/* engine:pack, engine:pack-image — the system's tar of a directory, or of an image, on standard
 * output, and nothing written. */
#include "verbs/engine/pack.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/landlock.h"
#include "base/options.h"
#include "base/program.h"
#include "image/image_mount.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/monitor.h"
#include "process/tar_messages.h"
#include "store/last_use.h"
#include "tar/owners.h"
#include "tar/trouble.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

struct pack {
    const char *what;          /* is packed, in words */
    const char *path;          /* of a directory */
    struct mounting *mounting; /* of an image, else NULL */
    bool strangers_to_root;
    int directory, output;
    struct identity me;
    struct talk talk;
};

static void prepare(void *of) {
    struct pack *p = of;
    if (p->mounting) {
        p->me = namespaces_enter();
        p->directory = mount_image(p->mounting, NULL);
        return;
    }
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

static _Noreturn void start_tar(char **argv, int output) {
    must(dup2(output, STDOUT_FILENO), "give a file to", "tar");
    become(argv, environ);
}

/* In tar's words: what becomes of its messages is decided in one place. */
static void say_unwritable(void) {
    dprintf(STDERR_FILENO, "tar: -: Cannot write: %s\n", strerror(errno));
    _exit(2);
}

/* Whoever lacks ids keeps the owners of files in attributes. */
static _Noreturn void pass_on(char **argv, int output) {
    struct input in;
    struct output out;
    int ends[2];
    must(pipe2(ends, O_CLOEXEC), "make a pipe for", "tar");
    pid_t pid = must(fork(), "start", "tar");
    if (pid == 0)
        start_tar(argv, ends[1]);
    close(ends[1]);
    tar_purpose = "pack";
    input_open(&in, ends[0], NULL);
    output_open(&out, output, "the archive");
    out.unwritable = say_unwritable;
    owners_give_back(&in, &out);
    int status = child_status(pid);
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
}

static void payload(void *of) {
    struct pack *p = of;
    must(fchdir(p->directory), "enter", p->what);
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up privileges for", "tar");
    int version = landlock_write_only_beneath(-1);

    struct json j;
    ready_open(&j, &p->me, p->mounting);
    json_number(&j, "pid", (uint64_t)getpid());
    json_number(&j, "landlock", (uint64_t)version);
    event_send(&j);

    const char *tar = tar_path();
    if (!*tar)
        refuse("cannot pack: GNU tar is not installed");
    char *argv[26] = {
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
    unsetenv("TAR_OPTIONS");  /* the caller's habits could undo what is asked for here */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like others */
    must(dup2(p->talk.pipe, STDERR_FILENO), "give a pipe to", "tar");
    if (p->me.map == MAP_ROOT)
        start_tar(argv, p->output);
    pass_on(argv, p->output);
}

/* What tar complains of: the first of each kind, and how many there are. */
struct complaints {
    char *changed, *unreadable;
    unsigned changes, unreadables;
    bool denied, unwritable, ours;
};

static void hear(void *of, const char *line) {
    struct complaints *c = of;
    if (!strncmp(line, "plash error: ", 13)) {
        c->ours = true;
        dprintf(STDERR_FILENO, "%s\n", line);
    } else if (!strncmp(line, "-: ", 3)) { /* as tar calls its standard output */
        c->unwritable = true;
    } else if (strstr(line, ": file changed as we read it") ||
               strstr(line, ": File removed before we read it") ||
               strstr(line, ": File shrank by ")) {
        c->changed = c->changes++ ? c->changed : must_copy(line);
    } else {
        c->unreadable = c->unreadables++ ? c->unreadable : must_copy(line);
        c->denied |= strstr(line, "Permission denied") != NULL;
    }
}

static char *and_more(const char *first, unsigned count) {
    return count > 1 ? must_print("%s (and %u more)", first, count - 1) : must_copy(first);
}

/* Returns the status to exit with, or ends with what is wrong. */
static int judge(const struct pack *p, const struct complaints *c, int status) {
    if (status == 0 || c->ours || WIFSIGNALED(status))
        return end_like(status);
    if (c->unreadables)
        refuse(
            "cannot read all of %s: %s%s", p->what, and_more(c->unreadable, c->unreadables),
            c->denied && p->path
                ? must_print(". Read it as root: sudo tar -C %s -c . | plash pull:tarfile", p->path)
                : "");
    if (c->changes)
        refuse("%s changed while it was read: %s. Try again when nothing writes to it", p->what,
               and_more(c->changed, c->changes));
    return end_like(status);
}

static void listen_to_tar(void *of) {
    struct pack *p = of;
    talk_listen(&p->talk);
}

static int pack(struct pack *p) {
    struct complaints c = {0};
    talk_begin(&p->talk, hear, &c);
    int status = outcome_of(&(struct job){.prepare = prepare,
                                          .payload = payload,
                                          .meanwhile = listen_to_tar,
                                          .of = p,
                                          .lifeline = lifeline_fd,
                                          .leaves_none = true,
                                          .own_memory = true});
    talk_end(&p->talk);
    if (c.unwritable && p->output != STDOUT_FILENO)
        return PACK_UNWRITABLE;
    if (c.unwritable) {
        char block[512] = "";
        must(write(STDOUT_FILENO, block, sizeof block) < 0 ? -1 : 0, "write to", "standard output");
        refuse("cannot write the whole archive to standard output");
    }
    return judge(p, &c, status);
}

int pack_image(const struct store *s, const struct image *image, int output) {
    struct mounting m = {.image = *image, .store = s->path};
    struct pack p = {.what = must_print("image %s", image->id), .mounting = &m, .output = output};
    image_lock(s, image);
    lastuse_note(s, image);
    return pack(&p);
}

int verb_engine_pack(int argc, char **argv) {
    struct pack p = {.output = STDOUT_FILENO};
    const struct option known[] = {{"--strangers-to-root", .flag = &p.strangers_to_root}, {0}};
    p.path = p.what = argv[words_read(argc, argv, known, 1, 1)];
    return pack(&p);
}

int verb_engine_pack_image(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 2, 2);
    struct store s = store_at(argv[at]);
    struct image image = image_named(&s, argv[at + 1]);
    return pack_image(&s, &image, STDOUT_FILENO);
}
