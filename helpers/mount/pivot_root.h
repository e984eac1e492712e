/* A mounted image becomes the root directory. */
#pragma once

#include "userns/userns.h"

/* Make the mounts private: new ones are not seen outside, while those of the host still appear
 * here. */
void mounts_become_ours(void);
int mounts_try_to_become_ours(void); /* or -1 */

/* Enter the user's namespaces with such mounts, or fail. With PLASH_NO_UNSHARE none is made. */
struct identity namespaces_enter(void);

/* Attach the detached mount `root` where nobody looks for it; then others can be attached in it,
 * and it can be entered. `place` is a directory, or -1 for "/". */
void root_attach(int root, int place);

/* Make `root` the root directory. The host's root directory is mounted at the directory `host`, or
 * detached if that is -1. */
void root_enter(int root, int host);

/* Enter `root` without a mount namespace (PLASH_NO_UNSHARE), for the calling process only. Another
 * process calls root_detach afterwards. */
void root_enter_alone(int root);
void root_detach(int root);

/* Change to the directory of this name, or to "/" if it does not exist. */
void directory_keep(const char *directory);
