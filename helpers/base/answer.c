#include "base/answer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

void json_answer(struct json *j) {
    if (!json_write(j, STDOUT_FILENO))
        must(-1, "write to", "standard output");
}

void answer_is_out(void) {
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    if (errno == EPIPE) {
        signal(SIGPIPE, SIG_DFL);
        raise(SIGPIPE);
    }
    must(-1, "write to", "standard output");
}

void answer_image(const char *id) {
    if (printf("%s\n", id) > 0 && fflush(stdout) == 0)
        return;
    refuse("image %s was made, but its id could not be written to standard output: %s", id,
           strerror(errno));
}
