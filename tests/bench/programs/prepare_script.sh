#!/bin/sh
# Make a small root filesystem in $D, and a store of the program $P with an image of it.
set -e
mkdir -p "$D/root/bin" "$D/root/etc" "$D/root/tmp" "$D/kept"
cp "$(command -v busybox)" "$D/root/bin/busybox"
for name in sh true touch env; do ln -s busybox "$D/root/bin/$name"; done
echo 'root:x:0:0::/root:/bin/sh' >"$D/root/etc/passwd"
tar -C "$D/root" --owner 0 --group 0 -cf "$D/root.tar" .
echo x >"$D/file"
cp -a "$D/root" "$D/layer"
$P init
$P stack 0 "$D/layer"
$P map key 1
$P pull:tarfile <"$D/root.tar" >/dev/null
