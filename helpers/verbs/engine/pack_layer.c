/* engine:pack-layer — the tar that a layer was unpacked from, or one of our own, on standard
 * output, and nothing written. */
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/events.h"
#include "base/fail.h"
#include "base/landlock.h"
#include "base/options.h"
#include "image/image_mount.h"
#include "packing/layer_tar.h"
#include "packing/remake.h"
#include "process/monitor.h"
#include "tar/trouble.h"
#include "userns/userns.h"
#include "verbs/engine/extract.h"
#include "verbs/verbs.h"

struct packing {
    const char *path;
    bool own;
    uint64_t clamp;
    int directory;
    struct identity me;
};

static void prepare(void *of) {
    struct packing *p = of;
    p->me = userns_try(CLONE_NEWNS);
    /* Only in the namespace: it may be closed to all but root of the image. */
    p->directory = must(open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), "read", p->path);
}

static void make_own(const struct packing *p) {
    static const char *const names[LEFT_KINDS] = {"socket", "name", "length"};
    struct layer_tar l = {.root = p->directory,
                          .implied = STDIN_FILENO,
                          .output = STDOUT_FILENO,
                          .latest = p->clamp < INT64_MAX ? (time_t)p->clamp : INT64_MAX};
    tar_purpose = "make the tar of the layer";
    layer_tar(&l);
    for (int i = 0; i < LEFT_KINDS; i++) {
        struct json j;
        if (!l.left_out[i].files)
            continue;
        event_open(&j, "left-out");
        json_text(&j, "kind", names[i]);
        json_number(&j, "files", l.left_out[i].files);
        json_text(&j, "path", l.left_out[i].first);
        event_send(&j);
    }
}

static void payload(void *of) {
    struct packing *p = of;
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "give up privileges for", "packing");
    int version = landlock_write_only_beneath(-1);
    limit_memory_to_unpack();
    struct json j;
    ready_open(&j, &p->me, NULL);
    json_number(&j, "landlock", (uint64_t)version);
    event_send(&j);
    tar_purpose = "make the tar of the layer again";
    if (p->own)
        make_own(p);
    else
        remake(p->directory, STDIN_FILENO, STDOUT_FILENO);
    _exit(0);
}

int verb_engine_pack_layer(int argc, char **argv) {
    struct packing p = {.clamp = UINT64_MAX};
    const struct option known[] = {{"--own", .flag = &p.own}, {"--clamp", .number = &p.clamp}, {0}};
    p.path = argv[words_read(argc, argv, known, 1, 1)];
    return wait_for(&(struct job){.prepare = prepare,
                                  .payload = payload,
                                  .of = &p,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = true,
                                  .own_memory = true});
}
