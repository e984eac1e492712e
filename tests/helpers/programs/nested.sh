#!/bin/sh
# Make, name and remove images inside an image, by the program in a directory.
# Argument: the directory.
set -e
ln -s /mnt/lib64 /lib64  # a program linked as usual needs a libc
ln -s /mnt/lib /lib
cd "$1"
plash=$1/plash
export PLASH_DATA="$1/nested"
"$plash" init
mkdir layer layer/bin
cp /bin/busybox layer/bin
ln -s busybox layer/bin/sh
ln -s busybox layer/bin/touch
one=$("$plash" stack 0 layer)
two=$("$plash" "do" build "$one" touch /x 2>&1) || { echo "$two"; exit 1; }
"$plash" map web "$two"
"$plash" map web ''
"$plash" recall id "$one" >/dev/null
three=$("$plash" "do" check "$1/plash")
"$plash" rm "$two"
# shellcheck disable=SC2016
"$plash" run "$three" sh -c 'echo $0 done' "$one-$two-$three"
