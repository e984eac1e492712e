/* A mounted image becomes the root directory. */
#pragma once

#include "userns/userns.h"

/* Mounts made from here on are ours alone; the host's still reach us. */
void mounts_become_ours(void);
int mounts_try_to_become_ours(void); /* or -1 */

/* The user's namespaces with such mounts, or fail. With PLASH_NO_UNSHARE none is made. */
struct identity namespaces_enter(void);

/* The detached mount `root` is attached where nobody looks for it, for things to be
 * attached in it and to be entered. `place` is a directory, or -1 for "/". */
void root_attach(int root, int place);

/* It becomes "/", and the host's root directory appears at the directory `host`, or is let go
 * if that is -1. */
void root_enter(int root, int host);

/* Where no mount namespace may be made (PLASH_NO_UNSHARE): only the calling process enters,
 * and somebody detaches it afterwards. */
void root_enter_alone(int root);
void root_detach(int root);

/* To the directory of this name, if it exists, else "/". */
void directory_keep(const char *directory);
