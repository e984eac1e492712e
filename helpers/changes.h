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

/* Of a directory that has become one of changes, or may have been: refused likewise, else it is
 * this process's for as long as it lives. STEP is what the refusal says cannot be done. Asked
 * outside of a user namespace, where the holder can be seen. */
void changes_claim(const char *step, const char *path, int dir);
