/* Users and groups of this machine and of an image (passwd, group). */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct account {
    char *name, *home, *shell; /* "" where the entry has none */
    uid_t uid;
    gid_t gid;
};

/* Find the entry of `name`, or of `uid` if that is NULL, in passwd(5) text. Closes `fd`, which may
 * be -1. */
bool account_in(int fd, const char *name, uid_t uid, struct account *found);

/* In group(5) text: the group of this name; and the groups that list a user as a member,
 * `most` at most. */
bool group_in(int fd, const char *name, gid_t *found);
int groups_with(int fd, const char *user, gid_t *found, int most);

/* Find a user of this machine: in /etc/passwd, else by getent. For an unknown uid return false; all
 * fields are then "". */
bool account_here(uid_t uid, struct account *found);

/* Whether the whole word is the number of a user or group. */
bool is_number(const char *word, unsigned *number);
