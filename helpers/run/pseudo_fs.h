/* /dev, /tmp, /run, /proc and /sys of an isolated image. */
#pragma once

#include <stdbool.h>

#include "image/image_mount.h"

/* Mount points for images that lack some; made in the image they would count as changes of the
 * command. */
extern const struct mountpoints isolated_mountpoints;

/* Make these in a directory that stays as it is changed; fail where anything else has the name. */
void surround_without_replacing(int root);

/* Mount an empty /tmp and /run. `root` is attached. */
void surround_with_memory(int root);

/* Mount a new, small /dev. Standard input and output, if they are devices, are bound there: no
 * device file of the host can be changed. */
void surround_with_devices(int root);

/* Replace the image's name servers and host names by the host's. */
void surround_with_network(int root);

/* Mount /proc of the pid namespace; and /sys, if the network namespace is its own, too. From then
 * on a path can lead anywhere. */
void surround_with_kernel(int root, bool own_network);
