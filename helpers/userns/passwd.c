#include "userns/passwd.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fail.h"

bool is_number(const char *word, unsigned *number) {
    size_t n = strspn(word, "0123456789");
    unsigned long long value = n > 0 && n < 12 && !word[n] ? strtoull(word, NULL, 10) : UINT32_MAX;
    *number = (unsigned)value;
    return value < UINT32_MAX; /* which means "none" to the kernel */
}

/* The next line of a file whose fields are separated by colons; those it lacks are NULL. */
static bool next_line(FILE *file, char **line, char **field, int most) {
    size_t room = 0;
    free(*line);
    *line = NULL;
    if (!file || getline(line, &room, file) <= 0)
        return false;
    char *rest = *line;
    rest[strcspn(rest, "\n")] = 0;
    for (int i = 0; i < most; i++)
        field[i] = rest ? strsep(&rest, ":") : NULL;
    return true;
}

static FILE *file_of(int fd) {
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (!file && fd >= 0)
        close(fd);
    return file;
}

static void done_with(FILE *file, char *line) {
    free(line);
    if (file)
        fclose(file);
}

bool account_in(int fd, const char *name, uid_t uid, struct account *found) {
    FILE *file = file_of(fd);
    char *line = NULL, *field[7]; /* name:password:uid:gid:gecos:home:shell */
    bool match = false;
    while (!match && next_line(file, &line, field, 7)) {
        unsigned number, group;
        if (!field[5] || !is_number(field[2], &number))
            continue;
        if (name ? strcmp(field[0], name) != 0 : number != uid)
            continue;
        *found = (struct account){.name = must_copy(field[0]),
                                  .home = must_copy(field[5]),
                                  .shell = must_copy(field[6] ? field[6] : ""),
                                  .uid = number,
                                  .gid = is_number(field[3], &group) ? group : 0};
        match = true;
    }
    done_with(file, line);
    return match;
}

bool group_in(int fd, const char *name, gid_t *found) {
    FILE *file = file_of(fd);
    char *line = NULL, *field[4]; /* name:password:gid:member,member */
    bool match = false;
    while (!match && next_line(file, &line, field, 4))
        match = field[2] && !strcmp(field[0], name) && is_number(field[2], found);
    done_with(file, line);
    return match;
}

int groups_with(int fd, const char *user, gid_t *found, int most) {
    FILE *file = file_of(fd);
    char *line = NULL, *field[4];
    int count = 0;
    while (count < most && next_line(file, &line, field, 4)) {
        char *members = field[3], *member;
        if (!members || !is_number(field[2], &found[count]))
            continue;
        while ((member = strsep(&members, ",")) && strcmp(member, user) != 0)
            ;
        count += member != NULL;
    }
    done_with(file, line);
    return count;
}

/* Accounts that are in no file are asked for by the program that everybody has for that: the name
 * service's own libraries fit into no program that brings its libc along. */
static bool account_of_service(uid_t uid, struct account *found) {
    char *question = must_print("getent passwd %u 2>/dev/null", (unsigned)uid);
    FILE *answer = popen(question, "re");
    bool known = answer && account_in(dup(fileno(answer)), NULL, uid, found);
    if (answer)
        pclose(answer);
    free(question);
    return known;
}

bool account_here(uid_t uid, struct account *found) {
    int fd = open("/etc/passwd", O_RDONLY | O_CLOEXEC);
    if (account_in(fd, NULL, uid, found) || account_of_service(uid, found))
        return true;
    *found = (struct account){.name = "", .home = "", .shell = "", .uid = uid};
    return false;
}
