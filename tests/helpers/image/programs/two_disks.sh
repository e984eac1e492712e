#!/bin/sh
# Have a store on two disks, run an image of the one, and list who uses the other.
# Arguments: the store, a directory with a fifo `end`, plash, the image.
set -e
store=$1 place=$2 plash=$3 image=$4
for disk in one two; do
    mkdir "$place/$disk"
    mount -t tmpfs "$disk" "$place/$disk"
    cp -a "$store/." "$place/$disk"
done
test "$(stat -c %i "$place/one")" = "$(stat -c %i "$place/two")"
PLASH_DATA="$place/one" "$plash" run "$image" sh -c 'echo in; read x' <"$place/end" &
exec 3>"$place/end"
until "$plash" engine:users "$place/one" | grep -q run; do :; done
"$plash" engine:users "$place/two"
echo >&3
wait
