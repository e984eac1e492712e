#include "accounts.h"

#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "must.h"

bool account_in(int fd, uid_t uid, struct account *found) {
    FILE *file = fdopen(fd, "r");
    if (!file) {
        close(fd);
        return false;
    }
    char *line = NULL;
    size_t room = 0;
    bool match = false;
    while (!match && getline(&line, &room, file) > 0) {
        /* name:password:uid:gid:gecos:home:shell */
        char *field[7] = {0}, *rest = line;
        line[strcspn(line, "\n")] = 0;
        for (int i = 0; i < 7 && rest; i++)
            field[i] = strsep(&rest, ":");
        if (!field[5])
            continue;
        char *end;
        unsigned long number = strtoul(field[2], &end, 10);
        if (end == field[2] || *end || number != uid)
            continue;
        *found = (struct account){must_copy(field[0]), must_copy(field[5]),
                                  must_copy(field[6] ? field[6] : "")};
        match = true;
    }
    free(line);
    fclose(file);
    return match;
}

bool account_here(uid_t uid, struct account *found) {
    /* The file is read by hand because getpwuid loads the name service libraries,
     * which takes as long as all the rest of a run. */
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && account_in(fd, uid, found))
        return true;
    struct passwd *entry = getpwuid(uid);
    if (!entry) {
        *found = (struct account){must_copy(""), must_copy(""), must_copy("")};
        return false;
    }
    *found = (struct account){must_copy(entry->pw_name), must_copy(entry->pw_dir),
                              must_copy(entry->pw_shell)};
    return true;
}
