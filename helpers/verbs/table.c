/* Every verb that this program does itself, and what is typed for it. */
#include <stddef.h>

#include "verbs/verbs.h"

const struct verb verb_table[] = {
    {"run", verb_run, "run [-l] [--in-memory] [--home HOW] [--isolate [OPTIONS]] ID [CMD ...]",
     "Run CMD in the image; its changes are thrown away at the end. Without CMD: a login\n"
     "shell. With -l: CMD through the login shell, with its profile. With --in-memory the\n"
     "changes are not on the disk but in memory, of which they take half of what is free.\n\n"
     "The host's home, devices and network are there. With --home read-only its /home, /root\n"
     "and /mnt are there to be read, and /tmp is the image's own; with --home private the image\n"
     "has all of them to itself. Not so with --isolate: then the image\n"
     "has its own processes, network, devices, /tmp and environment, is read-only, and what it\n"
     "says of user, directory, environment, volumes and command counts. Options for that:\n"
     "  --net                the network of this machine\n"
     "  --rw                 the image can be changed, until the end\n"
     "  -v HOST:PATH[:ro]    a directory or file of this machine at PATH, made where missing;\n"
     "                       HOST without a '/' is a volume of that name kept in the store\n"
     "  -u USER[:GROUP]      names or numbers of the image's\n"
     "  -e NAME[=VALUE]      a variable; without VALUE, yours\n"
     "  -w DIR               the working directory\n"
     "  --hostname NAME\n"
     "  --memory SIZE        at most this much, such as 512M or 2G (needs a control group)\n"
     "  --pids N             at most so many processes (the same)\n"
     "  --setuid             sudo, su and ping may become root of the image\n"
     "  --seccomp off        all system calls, as a container inside needs them\n\n"
     "This fence is of the kind that docker and podman have: namespaces, few capabilities, a\n"
     "filter of system calls, hidden and read-only places in /proc and /sys. It is not a\n"
     "virtual machine: the kernel is shared, and a fault of the kernel is a way out. What you\n"
     "give by -v, --net, --setuid or --seccomp off is given. Run strangers' programs as a plain\n"
     "user, not as root: then even who gets out is only you. The terminal is yours, too.\n\n"
     "example: plash run 7 apt list"},
    {"run:persist", verb_run_persist,
     "run:persist [-l] [--home HOW] [--isolate [OPTIONS]] ID DIR [CMD ...]",
     "The same, but the changes are kept in DIR, so that the next run goes on. Where one runs\n"
     "already with the same DIR, the next joins it: both see what the other writes. With "
     "--isolate\n"
     "the image can always be changed; its options are those of run.\n\n"
     "example: plash run:persist 7 ~/changes apt-get install git"},
    {"mounted", verb_mounted, "mounted ID [CMD ...]",
     "Run a program of this machine with its working directory in the mounted image.\n\n"
     "example: plash mounted 7 du -sh ."},
    {"mount", verb_mount, "mount ID MOUNTDIR [CHANGESDIR]",
     "Mount the image for all programs; read-only, or with its changes kept in CHANGESDIR.\n"
     "Root gets a mount of the kernel's. A plain user gets one of fuse-overlayfs (packages\n"
     "fuse-overlayfs and fuse3), whose changes only another such mount understands.\n\n"
     "example: plash mount 7 /mnt"},
    {"umount", verb_umount, "umount MOUNTDIR",
     "Unmount what `mount` has mounted there.\n\n"
     "example: plash umount /mnt"},
    {"chroot", verb_chroot, "chroot DIR [CMD ...]",
     "Run CMD in any directory that holds a root file system.\n\n"
     "example: plash chroot ~/rootfs ls"},
    {"sudo", verb_sudo, "sudo [CMD ...]",
     "Run CMD as root of your user namespace.\n\n"
     "example: plash sudo rm -rf ~/changes"},
    {"data", verb_data, "data [CMD ...]",
     "The path of the store, or CMD run there.\n\n"
     "example: plash data ls"},
    {"nodepath", verb_nodepath, "nodepath ID [--allow-0]",
     "The path of an image in the store.\n\n"
     "example: plash nodepath 7"},
    {"parent", verb_parent, "parent ID",
     "The id of an image's parent.\n\n"
     "example: plash parent 7"},
    {"id", verb_id, "id ID",
     "The id behind a name.\n\n"
     "example: plash id web"},
    {"init", verb_init, "init",
     "Make the store. Every verb does so by itself.\n\n"
     "example: plash init"},
    {"mkdtemp", verb_mkdtemp, "mkdtemp",
     "The path of a new directory in the store, to make a layer in. It is removed when this\n"
     "session is over.\n\n"
     "example: d=$(plash mkdtemp); tar -xf layer.tar -C $d; plash stack 7 $d"},
    {"map", verb_map, "map [--force] KEY [ID]",
     "The id of the image with the name KEY; give that name to the image ID; or, with '' in\n"
     "place of ID, take the name away. A name that another image has moves only with --force.\n"
     "Any word without a '/' can be a name; where an ID is wanted, digits are always an id.\n\n"
     "example: plash map web 7"},
    {"build", verb_build, "build [-l] [--share-home] ID [CMD ...]",
     "Run CMD in the image; what it changes becomes a new image, whose id is printed. Unless CMD\n"
     "ends with 0 nothing is made. Without CMD: a login shell. With -l: CMD through the login\n"
     "shell, with its profile.\n\n"
     "CMD can change the image, and nothing else of this machine: /home, /root and /tmp are the\n"
     "image's own. The directory you are in is there to be read, unless the image has one of\n"
     "that name. With --share-home it is as in a run.\n\n"
     "example: plash build 7 apt-get install -y git"},
    {"stack", verb_stack, "stack ID DIR",
     "A new image whose layer is DIR; prints its id. DIR is moved into the store, or copied if\n"
     "it is on another file system. ID 0 is the empty image, on which a new one begins.\n\n"
     "example: plash stack 7 ~/layer"},
    {"rm", verb_rm, "rm [--trash] [--force] ID ...",
     "Remove images with all that stands on them; with --trash they can be brought back. Those\n"
     "that are in use or pinned only with --force.\n\n"
     "example: plash rm --trash 7"},
    {"check", verb_check, "check ID PATH",
     "A child of ID which is another one once PATH (a file, or a directory with all in it) has\n"
     "changed. What is built on it is made anew only then.\n\n"
     "example: plash cache build $(plash check 7 requirements.txt) make"},
    {"clean", verb_clean, "clean", NULL},
    {"pull:tarfile", verb_pull_tarfile, "pull:tarfile [FILE]", NULL},
    {"push:dir", verb_push_dir, "push:dir ID DIR", NULL},
    {"push:tarfile", verb_push_tarfile, "push:tarfile ID [FILE]", NULL},
    {"recall", verb_recall, "recall [VERB ...]",
     "The id of the image that this session remembers. Or VERB on that image, which is put in\n"
     "where VERB wants one and none is given; the image that VERB prints is remembered.\n\n"
     "example: plash recall build make"},
    {"cache", verb_cache, "cache VERB ...",
     "What VERB made of the same words before, or do it now. A file, or standard input that is\n"
     "one, counts by what it holds.\n\n"
     "example: plash cache build 7 make"},
    {"do", verb_do, "do VERB ...",
     "Both: on the image that this session remembers, and from the cache.\n\n"
     "example: plash do build make"},
    {"version", verb_version, "version",
     "The version of plash.\n\n"
     "example: plash version"},
    {"help", verb_help, "help [VERB]",
     "The list of verbs, or how one is used. `help engine`: the verbs for programs.\n\n"
     "example: plash help run"},
    {"engine:probe", verb_engine_probe, "engine:probe [STORE]", "What works here, as JSON."},
    {"engine:extract", verb_engine_extract, "engine:extract [--unset-ids] DIR",
     "A tar stream on standard input into DIR. With the option, no file of it is setuid or\n"
     "setgid."},
    {"engine:pack", verb_engine_pack, "engine:pack [--strangers-to-root] DIR",
     "DIR as a tar stream on standard output. With the option, what belongs to ids that have\n"
     "no number in your user namespace is root's."},
    {"engine:pack-image", verb_engine_pack_image, "engine:pack-image STORE ID",
     "The image as a tar stream on standard output."},
    {"engine:usage", verb_engine_usage,
     "engine:usage [--threads N] [--beside-layers] STORE PATH...",
     "What each PATH takes on the disk, one JSON line each. With the option, that is without\n"
     "the contents of images, and for the PATH . without what is a PATH of its own."},
    {"engine:remove", verb_engine_remove, "engine:remove [--threads N] STORE NAME...",
     "Deletes STORE/tmp/NAME."},
    {"engine:commit", verb_engine_commit,
     "engine:commit [--origin TEXT [--more]] STORE PARENT NAME",
     "STORE/tmp/NAME becomes an image; prints its id. TEXT says how it came to be. --more: what\n"
     "else is noted of it is a JSON object on standard input."},
    {"engine:sudo", verb_engine_sudo, "engine:sudo -- CMD...",
     "Runs CMD of this machine as root over your subordinate ids; ends all it started."},
    {"engine:with", verb_engine_with, "engine:with [--at PATH] [--upper DIR] STORE ID -- CMD...",
     "Runs CMD of this machine in the mounted image."},
    {"engine:mountfd", verb_engine_mountfd, "engine:mountfd [--upper DIR] --sock FD STORE ID",
     "Sends the mounted image as descriptors: mount, directory, lock of ID, lock of DIR."},
    {"engine:list", verb_engine_list,
     "engine:list [--layer | --changes DIR] [--recursive | --chosen] STORE ID PATH",
     "A directory as the image's root sees it, in NUL-separated fields. --layer: of the\n"
     "image's own layer, with whiteouts; --changes: of what a run has kept in DIR.\n"
     "--recursive: and all below; --chosen: and below it the directories that standard\n"
     "input names."},
    {"engine:read", verb_engine_read,
     "engine:read [--layer] [--offset N] [--length N] STORE ID PATH",
     "The bytes of a file of the image."},
    {"engine:gather", verb_engine_gather, "engine:gather STORE IMAGE NAME",
     "Fills STORE/tmp/NAME/data with pieces of the layers of IMAGE, as standard input lists\n"
     "them."},
    {"engine:users", verb_engine_users, "engine:users STORE [ID]",
     "Who uses the images: processes, holders of locks, mounts; a JSON line each."},
    {"engine:guard", verb_engine_guard, "engine:guard --lifeline-fd N",
     "Makes the terminal usable again if the app on it is killed."},
    {"with-mount", verb_mounted, NULL, "mounted"},
    {"add-layer", verb_stack, NULL, "stack"},
    {"create", verb_build, NULL, "build"},
    {"this", verb_recall, NULL, "recall"},
    {"noid", verb_recall, NULL, "recall"},
    {"cached", verb_cache, NULL, "cache"},
    {0},
};
