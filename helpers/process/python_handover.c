#include "process/python_handover.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"
#include "process/inherited.h"

/* In the directory of this program itself, wherever links to it lie. */
static char *beside(void) {
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n <= 0)
        return NULL;
    self[n] = 0;
    *strrchr(self, '/') = 0;
    return must_print("%s/plashui", self);
}

/* The program it would have been. */
static char *try_to_hand_over(char **argv) {
    char *program = beside();
    argv[0] = must_copy("plashui");
    setenv("PLASH_HANDED_OVER", "1", 1); /* lest one of another version hand it back, for ever */
    behave_like_a_program();
    if (program)
        execv(program, argv);
    execvp("plashui", argv);
    return program;
}

void hand_over_if_there(char **argv) {
    try_to_hand_over(argv);
}

void hand_over(char **argv) {
    char *name = argv[0], *program = try_to_hand_over(argv);
    refuse(
        "cannot do \"%s\": the program plashui is neither beside plash (%s) nor in PATH. Install "
        "the Python package plashui",
        argv[1] ? argv[1] : name, program ? program : "?");
}
