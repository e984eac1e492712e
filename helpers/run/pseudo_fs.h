/* What an isolated image finds in /dev, /tmp, /run, /proc and /sys. */
#pragma once

#include <stdbool.h>

#include "image/image_mount.h"

/* For images that lack some: else they would be among what the command changed. */
extern const struct mountpoints isolated_mountpoints;

/* `root` is attached. Empty /tmp and /run. */
void surround_with_memory(int root);

/* A new and small /dev, which standard input and output are of, too, where they are devices: of
 * the host's none can be changed. */
void surround_with_devices(int root);

/* The host's name servers and host names, in place of the image's. */
void surround_with_network(int root);

/* /proc of the pid namespace; /sys if the network namespace is our own too. Once they are there,
 * a path can lead anywhere. */
void surround_with_kernel(int root, bool own_network);
