/* What a program in an isolated image is, and what it may not do. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct user {
    uid_t uid;
    gid_t gid, groups[256];
    int count;
    const char *home, *shell;
};

/* USER[:GROUP], names or numbers, as the image knows them; or an error. */
struct user user_inside(int root, const char *word, const char *where);

/* Whether the kernel lets a program type into its terminal, as if the user had. To be asked
 * where the host's /proc is. */
bool terminal_is_open(void);

/* For this process and all it starts. After it, only an exec should follow. */
void confine(const struct user *u, bool guard_terminal);
