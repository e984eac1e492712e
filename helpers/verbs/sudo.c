/* sudo and engine:sudo — a program of the host as root over one's subordinate ids. */
#include <unistd.h>

#include "base/options.h"
#include "mount/pivot_root.h"
#include "process/exec.h"
#include "process/inherited.h"
#include "process/monitor.h"
#include "userns/userns.h"
#include "verbs/verbs.h"

int verb_sudo(int argc, char **argv) {
    if (!unshare_forbidden())
        namespaces_enter();
    behave_like_a_program();
    become(argc == 1 ? host_shell() : argv + 1, environ);
}

static void become_root(void *of) {
    (void)of;
    namespaces_enter();
}

static void execute(void *of) {
    become(of, environ);
}

int verb_engine_sudo(int argc, char **argv) {
    int at = words_read(argc, argv, NULL, 1, -1);
    return wait_for(&(struct job){.prepare = become_root,
                                  .payload = execute,
                                  .of = argv + at,
                                  .lifeline = lifeline_fd,
                                  .leaves_none = true});
}
