/* Runs a command as a user whose groups are one: become UID GID COMMAND...
 *
 * As setpriv does with --reuid, --regid and --groups, but setpriv first looks up names, which
 * takes longer than most of what the tests start. */
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv) {
    if (argc < 4)
        return 2;
    uid_t uid = (uid_t)strtoul(argv[1], NULL, 10);
    gid_t gid = (gid_t)strtoul(argv[2], NULL, 10);
    if (setgroups(1, &gid) < 0 || setgid(gid) < 0 || setuid(uid) < 0) {
        perror("become");
        return 127;
    }
    execvp(argv[3], argv + 3);
    perror(argv[3]);
    return 127;
}
