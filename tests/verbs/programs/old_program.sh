#!/bin/sh
# What verbs of the old program do to a store, to the letter.
# Arguments: the store, the verb, its words.
set -e
store=$1 verb=$2; shift 2
temporary() { mktemp -d "$store/tmp/plashtmp_$$_$$_XXXXXX"; }
nodepath() { (cd "$store/index" && realpath -e "$1"); }
case $verb in
stack)
    node=$(nodepath "$1"); work=$(temporary); chmod 755 "$work"
    mkdir -m 755 "$work/_data"; mv "$2" "$work/_data/root"
    printf A >>"$store/id_counter"; id=$(stat -c %s "$store/id_counter")
    place=..${node#"$store"}/$id
    cd "$store/index"; ln -s "$place" "$id"; mv "$work" "$place"
    echo "$id" ;;
nodepath) nodepath "$1" ;;
parent) basename "$(dirname "$(nodepath "$1")")" ;;
lower)
    node=$(nodepath "$1"); rest=${node#"$store"/layer/}
    for id in $(echo "$rest" | tr / ' '); do
        cd "$store/index/$id/_data/root"; pwd -P
    done ;;
get) cd "$store/map"; [ ! -e "$1" ] || basename "$(realpath -e "$1")" ;;
set) node=$(nodepath "$2"); work=$(temporary); cd "$work"
    ln -s "..${node#"$store"}" link; mv -T link "$store/map/$1" ;;
rm) node=$(nodepath "$1"); work=$(temporary); rmdir "$work"; mv -T "$node" "$work"
    rm -rf "$work" ;;
esac
