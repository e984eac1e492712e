/* The directory that a person gives for changes to be kept in. */
#pragma once

struct changes {
    const char *path; /* absolute, links resolved */
    int lock;         /* its descriptor: exclusively locked, and told so by its end */
    const char *work; /* what it is called in the source of a mount */
};

/* With data/ and work/ in it. Refused while anybody else writes to it: whoever runs holds the
 * lock, and a mount, which no process stays with, names it in the mount table. */
struct changes changes_take(const char *path);
