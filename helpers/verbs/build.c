/* build — what a command changes in an image becomes another image. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/answer.h"
#include "base/fail.h"
#include "base/options.h"
#include "base/quote.h"
#include "image/commit.h"
#include "image/leftovers.h"
#include "image/upperdir.h"
#include "process/exec.h"
#include "process/monitor.h"
#include "process/python_handover.h"
#include "store/disk_full.h"
#include "store/store.h"
#include "userns/userns.h"
#include "verbs/recalling/recipe_stamp.h"
#include "verbs/run.h"
#include "verbs/verbs.h"

static char *how_it_ended(int status) {
    if (!WIFSIGNALED(status))
        return must_print("ended with status %d", WEXITSTATUS(status));
#if defined __GLIBC__ && __GLIBC_PREREQ(2, 32)
    const char *name = sigabbrev_np(WTERMSIG(status));
    if (name)
        return must_print("was killed by SIG%s", name);
#endif
    return must_print("was killed by signal %d", WTERMSIG(status));
}

/* End with 1, or by the signal that killed the command: a script that is interrupted then ends,
 * too.
 */
static _Noreturn void no_image(const struct store *s, char **command, int status, bool full) {
    if (status < 0) /* it has been said why it did not begin */
        exit(1);
    complain("no image made: %s %s%s", *command ? words_quoted(command) : "the shell",
             how_it_ended(status),
             full                               ? must_print(". %s", fulldisk_advice(s))
             : *command && !WIFSIGNALED(status) ? ". `plash build --debug` opens a shell there"
                                                : "");
    exit(WIFSIGNALED(status) ? end_like(status) : 1);
}

/* The command's output is for people: our standard output is for the answer. */
static int run(const struct store *s, const struct image *parent, const struct changes *c,
               char **command, const struct build_options *o) {
    int answer = must(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "keep", "standard output");
    must(dup2(STDERR_FILENO, STDOUT_FILENO), "redirect", "standard output");
    int status = run_build(s, parent, c, command, o);
    must(dup2(answer, STDOUT_FILENO), "restore", "standard output");
    close(answer);
    return status;
}

int verb_build(int argc, char **argv) {
    if (recipe_is(argv)) {
        if (recipe_try_build(argv + 1))
            return 0;
        hand_over(argv - 1);
    }
    bool debug = false;
    struct build_options o = {.orphaned = true};
    const struct option known[] = {{"-l", .flag = &o.login},
                                   {"--share-home", .flag = &o.share_home},
                                   {"--debug", .flag = &debug},
                                   {0}};
    int at = words_read(argc, argv, known, 1, -1);
    if (debug)
        hand_over(argv - 1);
    struct store s = store_here();
    store_refuse_anothers(&s);
    struct image parent = image_with_files(&s, argv[at]);
    char **command = command_of(argv + at + 1);
    struct changes c = changes_new(&s);
    struct workdir w = {.path = must_copy(c.path), .name = c.work, .tmp = c.tmp, .fd = c.lock};
    workdir_remove_on_failure(&w);

    int status = run(&s, &parent, &c, command, &o);
    userns_try(0); /* what the command wrote may belong to ids of its namespace */
    if (status) {
        bool full = fulldisk_is(&s);
        workdir_remove(&w);
        no_image(&s, command, status, full);
    }
    struct birth b = {.origin = *command ? words_quoted(command) : "shell", .command = command};
    char *id = commit_workdir(&s, &parent, &w, &b, true);
    workdir_keep();
    answer_image(id);
    sweep(&s);
    return 0;
}
