#include "process/tar_messages.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

/* "tar: ", "/usr/bin/tar: " or "gtar: " */
static const char *without_speaker(const char *line) {
    const char *end = strstr(line, "tar: ");
    return end && strcspn(line, " ") >= (size_t)(end - line) ? end + strlen("tar: ") : line;
}

static bool is_farewell(const char *line) {
    return !*line || !strcmp(line, "Exiting with failure status due to previous errors") ||
           !strcmp(line, "Error is not recoverable: exiting now");
}

static void *listen_to(void *of) {
    struct talk *t = of;
    FILE *stream = fdopen(t->heard, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    while (stream && (n = getline(&line, &room, stream)) > 0) {
        line[n - 1] = line[n - 1] == '\n' ? 0 : line[n - 1];
        const char *said = without_speaker(line);
        if (!is_farewell(said))
            t->hear(t->of, said);
    }
    t->error = !stream || ferror(stream) ? errno : 0;
    free(line);
    if (stream)
        fclose(stream);
    return NULL;
}

void talk_begin(struct talk *t, void (*hear)(void *of, const char *line), void *of) {
    int ends[2];
    must(pipe2(ends, O_CLOEXEC), "make a pipe for", "tar");
    *t = (struct talk){.pipe = ends[1], .heard = ends[0], .hear = hear, .of = of};
}

void talk_listen(struct talk *t) {
    errno = pthread_create(&t->thread, NULL, listen_to, t);
    must(errno ? -1 : 0, "start a thread to listen to", "tar");
}

void talk_end(struct talk *t) {
    close(t->pipe);
    pthread_join(t->thread, NULL);
    errno = t->error; /* tar ended of it too, by a pipe that nobody reads */
    must(errno ? -1 : 0, "read the messages of", "tar");
}
