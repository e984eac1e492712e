# Lets an engine of this machine pull an image through a tunnel, and names the image.
#
# It comes by ssh on the standard input of sh, behind the lines that set
#   at      HOST:PORT of the tunnel here
#   image   the image at the tunnel: a name that is gone in the end
#   name    what the image is called here, in full; word is how a store of plash has it
#   login   user and password for the tunnel, in base64
#   engine  podman, docker, ctr or plash, or "" for the first that is there
# The input stays open as long as somebody wants the image: once it ends, all of this
# ends, and nothing is left. On standard output are words for whoever pushes, on
# standard error is what the engine says, for people.
#
# shellcheck shell=sh disable=SC2154,SC2317

main() {
    exec 3<&0 </dev/null # sh has read all of this
    trap '' PIPE
    umask 077
    PATH=$PATH:$HOME/.local/bin
    work='' running=''
    [ -n "$engine" ] || engine=$(first)
    command -v "${engine:-none}" >/dev/null || { tell missing; exit 1; }
    tell engine "$engine"
    { cat <&3; kill -TERM $$; } >/dev/null 2>&1 &
    watcher=$!
    trap 'exit 143' HUP INT TERM
    trap finish EXIT
    work=$(mktemp -d "${TMPDIR:-/var/tmp}/plash-push.XXXXXX") && log_in || exit 1
    pull >&2 3<&- & # its end, or a signal, ends the wait
    running=$!
    wait "$running"
    status=$?
    running=''
    [ $status = 0 ] && give_name >&2 3<&- && tell named
}

tell() { echo "plash-push $*" 2>/dev/null; }

# Print the first engine that is there and answers, else the first that is there.
first() {
    there=''
    for one in podman docker ctr plash; do
        command -v "$one" >/dev/null || continue
        case $one in
        docker | ctr) "$one" version ;;
        esac >/dev/null 2>&1 && echo "$one" && return
        there=${there:-$one}
    done
    echo "$there"
}

# Write the login where only its owner reads it: not into a command line.
log_in() {
    echo "{\"auths\": {\"$at\": {\"auth\": \"$login\"}}}" >"$work/config.json"
    mkdir "$work/$at"
    cat >"$work/$at/hosts.toml" <<END
server = "http://$at"
[host."http://$at"]
  capabilities = ["pull", "resolve"]
  [host."http://$at".header]
    authorization = "Basic $login"
END
}

pull() {
    case $engine in
    podman)
        export TMPDIR="$work" # what it leaves when it is ended
        exec podman pull --authfile "$work/config.json" --tls-verify=false "$image"
        ;;
    docker)
        # A configuration of its own would leave out which docker is meant.
        host=$(docker context inspect -f '{{.Endpoints.docker.Host}}' 2>/dev/null)
        [ -z "$host" ] || export DOCKER_HOST="$host"
        exec docker --config "$work" pull "$image"
        ;;
    ctr) exec ctr images pull --hosts-dir "$work" "$image" ;;
    plash)
        export REGISTRY_AUTH_FILE="$work/config.json"
        exec plash pull:oci --insecure "$at" "$image" >/dev/null
        ;;
    esac
}

give_name() {
    case $engine in
    podman | docker) "$engine" tag "$image" "$name" ;;
    ctr) ctr images tag --force "$image" "$name" ;;
    plash) id=$(plash id "$image") && plash map --force "$word" "$id" ;;
    esac
}

forget() {
    case $engine in
    podman | docker) "$engine" rmi "$image" ;;
    ctr) ctr images rm "$image" ;;
    plash) plash map "$image" '' ;;
    esac
}

finish() {
    trap '' HUP INT TERM
    kill "$watcher"
    [ -z "$running" ] || { kill "$running" && wait "$running"; }
    forget
    rm -rf "$work"
} >/dev/null 2>&1

main
exit
