#!/bin/sh
# Make a small root filesystem, also as tars, and a store of two images of it.
set -e
mkdir -p root/bin root/etc root/tmp
cp "$(command -v busybox)" root/bin/busybox
for name in sh touch; do ln -s busybox "root/bin/$name"; done
echo 'root:x:0:0::/root:/bin/sh' >root/etc/passwd
tar -C root --owner 0 --group 0 -cf root.tar .
gzip -k root.tar
plash init
plash map box "$(plash build "$(plash pull:tarfile root.tar)" touch /two)"
plashui ls
