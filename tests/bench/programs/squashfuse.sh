#!/bin/sh
# What a person does by hand to run true in the rootfs of an AppImage: FILE OFFSET DIRECTORY
mkdir -p "$3" && squashfuse_ll -o offset="$2" "$1" "$3" &&
    bwrap --ro-bind "$3/rootfs" / --dev /dev --proc /proc --tmpfs /tmp --tmpfs /run \
        --unshare-all true
status=$?
umount "$3" 2>/dev/null || fusermount3 -u "$3"
exit $status
