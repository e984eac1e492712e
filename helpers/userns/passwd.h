/* The password database: of this machine, and of an image. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct account {
    char *name, *home, *shell; /* "" where the entry has none */
    uid_t uid;
    gid_t gid;
};

/* The entry of this name, or if that is NULL of `uid`, in the passwd(5) text that `fd` holds;
 * closes `fd`, which may be -1. */
bool account_in(int fd, const char *name, uid_t uid, struct account *found);

/* In group(5) text: the group of this name; and the groups that list a user as a member,
 * `most` at most. */
bool group_in(int fd, const char *name, gid_t *found);
int groups_with(int fd, const char *user, gid_t *found, int most);

/* Of this machine: the file first, then whatever else the system is told to ask.
 * Nothing is found for a uid nobody knows; then all fields are "". */
bool account_here(uid_t uid, struct account *found);

/* A whole word that is a user's or group's number. */
bool is_number(const char *word, unsigned *number);
