#include "run/entry.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

/* The first in the alphabet of those that the image has; or "". */
static char *name_of(const struct store *s, const struct image *image) {
    int fd = openat(s->fd, "map", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *map = fd < 0 ? NULL : fdopendir(fd);
    char *first = must_copy(""), id[ID_SIZE];
    for (struct dirent *e; map && (e = readdir(map));)
        if ((!*first || strcmp(e->d_name, first) < 0) && id_by_name(s, e->d_name, id) &&
            !strcmp(id, image->id)) {
            free(first);
            first = must_copy(e->d_name);
        }
    if (map)
        closedir(map);
    return first;
}

char *entry_label(const struct store *s, const struct image *image) {
    char *name = name_of(s, image);
    for (char *c = name; *c; c++)
        if (*c == '%')
            *c = '/'; /* which a name in the store cannot have */
        else if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._:/@+-",
                         *c))
            *c = '?';
    return must_print("%s%s%s", image->id, *name ? " " : "", name);
}

/* What the kind of shell understands; all are asked for in vain by one that sets its own. */
static const char *prompt_of(const char *shell) {
    const char *slash = strrchr(shell, '/'), *name = slash ? slash + 1 : shell;
    return !*name || !strcmp(name, "bash") ? "\\u@\\h:\\w\\$ "
           : !strcmp(name, "zsh")          ? "%n@%m:%~%# "
                                           : "$PWD # ";
}

char **entry_environment(char **variables, const char *label, const char *shell) {
    size_t count = 0;
    while (variables[count])
        count++;
    char **more = must_allocate(count + 3, sizeof *more);
    memcpy(more, variables, count * sizeof *more);
    more[count] = must_print("debian_chroot=%s", label);
    more[count + 1] = must_print("PS1=(%s) %s", label, prompt_of(shell));
    return more;
}

static bool has_title(void) {
    const char *kind = getenv("TERM");
    return isatty(STDERR_FILENO) && kind && *kind && strcmp(kind, "dumb") != 0 &&
           strcmp(kind, "linux") != 0;
}

static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* nobody to tell */
}

void entry_begin(const char *label, const char *of_host) {
    if (!isatty(STDERR_FILENO) || !isatty(STDIN_FILENO))
        return;
    if (has_title()) /* the one it has is put on the terminal's stack */
        say(must_print("\033[22;2t\033]2;%s\a", label));
    say(must_print("shell in %s%s - exit comes back\n", label, of_host));
}

void entry_end(void) {
    if (isatty(STDIN_FILENO) && has_title())
        say("\033[23;2t");
}
