/* The verbs of this program: name, function, synopsis and help text. Without a text: plashui has
 * the help. At the end, old names: no synopsis, and the name of today. */
#include <stddef.h>

#include "verbs/verbs.h"

const struct verb verb_table[] = {
    {"run", verb_run, "run [-l] [--in-memory] [--home HOW] [--isolate [OPTIONS]] ID [CMD ...]",

     "Run CMD in the image, or a login shell without CMD. Changes are thrown away at the end.\n"
     "\n"
     "  -l                   run CMD through the login shell, with its profile\n"
     "  --in-memory          keep the changes in memory, not on the disk: at most half of what\n"
     "                       is free\n"
     "  --home HOW           which files of this machine the command sees:\n"
     "                         shared     /home, /root, /mnt and /tmp (the default)\n"
     "                         read-only  /home, /root and /mnt; /tmp is the image's own\n"
     "                         private    none of them\n"
     "  --isolate            run it apart from this machine\n"
     "\n"
     "Without --isolate the command also shares the devices and the network of this machine.\n"
     "\n"
     "With --isolate the image has its own processes, network, devices, /tmp and environment. It\n"
     "is read-only. The user, directory, environment, volumes and command that it declares\n"
     "apply. Options:\n"
     "  --net                use the network of this machine\n"
     "  --rw                 let the image be changed, until the end\n"
     "  -v HOST:PATH[:ro]    mount a directory or file of this machine at PATH; a directory\n"
     "                       that does not exist is made. HOST without a '/' is the name of a\n"
     "                       volume, which is kept in the store\n"
     "  -u USER[:GROUP]      run as this user: names or numbers of the image\n"
     "  -e NAME[=VALUE]      set a variable; without VALUE, to yours\n"
     "  -w DIR               start in this directory\n"
     "  --hostname NAME      set the host name\n"
     "  --memory SIZE        limit the memory, e.g. 512M or 2G (needs a control group)\n"
     "  --pids N             limit the number of processes (needs a control group)\n"
     "  --setuid             let sudo, su and ping become root of the image\n"
     "  --seccomp off        allow all system calls, as a container inside needs them\n"
     "\n"
     "Isolation is that of docker and podman: namespaces, few capabilities, a system call\n"
     "filter, hidden and read-only places in /proc and /sys. It is not a virtual machine: the\n"
     "kernel is shared, and a bug in it can be a way out.\n"
     "\n"
     "What you grant by -v, --net, --setuid or --seccomp off is granted. The command also has\n"
     "your terminal. Run programs that you do not trust as a plain user, not as root: one that\n"
     "breaks out then has only your own rights.\n"
     "\n"
     "example: plash run 7 apt list"},
    {"run:persist", verb_run_persist,
     "run:persist [-l] [--home HOW] [--isolate [OPTIONS]] ID DIR [CMD ...]",

     "Run CMD as `run` does, but keep its changes in DIR. The next run with DIR continues from\n"
     "them.\n"
     "\n"
     "If a run with the same DIR is still going, the new one joins it: each sees what the other\n"
     "writes. With --isolate the image can always be changed; the options are those of `run`.\n"
     "\n"
     "example: plash run:persist 7 ~/changes apt-get install git"},
    {"run:folder", verb_run_folder,
     "run:folder [-v VOLUME] [-u USER] [-n] [-w] [--debug] DIR [CMD ...]",

     "Run CMD in the root file system DIR/rootfs as DIR/config.json says, isolated as by\n"
     "`run --isolate`. pull:folder, push:folder and d-pull of d-utils make such a DIR. CMD takes\n"
     "the place of its Cmd, but not of its Entrypoint.\n"
     "\n"
     "  -v HOST:PATH[:ro|rw] mount a directory or file of this machine at PATH\n"
     "  -v PATH              mount the directory DIR/volumes/PATH at PATH\n"
     "  -u USER[:GROUP]      run as this user: names or numbers of the image\n"
     "  -n, --net            use the network of this machine\n"
     "  -w, --rw             let DIR/rootfs be changed\n"
     "  --debug              say what is mounted and run\n"
     "\n"
     "config.json may be edited: User, Hostname, WorkingDir, Env, Volumes (words as of -v),\n"
     "Entrypoint, Cmd, net and rw (true or false). What it shares is shared: look at it first if\n"
     "somebody else has made DIR.\n"
     "\n"
     "example: plash run:folder debian ls /etc"},
    {"mounted", verb_mounted, "mounted ID [CMD ...]",

     "Run a program of this machine. Its working directory is the mounted image.\n"
     "\n"
     "example: plash mounted 7 du -sh ."},
    {"mount", verb_mount, "mount ID MOUNTDIR [CHANGESDIR]",

     "Mount an image for all programs: read-only, or with its changes kept in CHANGESDIR.\n"
     "\n"
     "Root gets a kernel mount. A plain user gets one of fuse-overlayfs (packages fuse-overlayfs\n"
     "and fuse3); only fuse-overlayfs understands the changes that it keeps.\n"
     "\n"
     "example: plash mount 7 /mnt"},
    {"umount", verb_umount, "umount MOUNTDIR",

     "Unmount an image that `mount` has mounted at MOUNTDIR.\n"
     "\n"
     "example: plash umount /mnt"},
    {"chroot", verb_chroot, "chroot DIR [CMD ...]",

     "Run CMD in a directory that holds a root file system.\n"
     "\n"
     "example: plash chroot ~/rootfs ls"},
    {"sudo", verb_sudo, "sudo [CMD ...]",
     "Run CMD as root of your user namespace.\n\n"
     "example: plash sudo rm -rf ~/changes"},
    {"data", verb_data, "data [CMD ...]",

     "Print the path of the store, or run CMD in it.\n"
     "\n"
     "example: plash data ls"},
    {"nodepath", verb_nodepath, "nodepath ID [--allow-0]",

     "Print the path of an image in the store.\n"
     "\n"
     "example: plash nodepath 7"},
    {"parent", verb_parent, "parent ID",

     "Print the id of an image's parent.\n"
     "\n"
     "example: plash parent 7"},
    {"id", verb_id, "id ID",

     "Print the id of the image that has a name.\n"
     "\n"
     "example: plash id web"},
    {"init", verb_init, "init",

     "Make the store. Other verbs do so too when they need it.\n"
     "\n"
     "example: plash init"},
    {"mkdtemp", verb_mkdtemp, "mkdtemp",

     "Make a directory in the store for a new layer, and print its path. It is removed when this\n"
     "session ends.\n"
     "\n"
     "example: d=$(plash mkdtemp); tar -xf layer.tar -C $d; plash stack 7 $d"},
    {"map", verb_map, "map [--force] KEY [ID]",

     "Print the id of the image named KEY; with ID, name that image KEY; with '' as ID, delete\n"
     "the name. --force takes the name from another image that has it.\n"
     "\n"
     "A name is any word without a '/'. Where an ID is expected, digits are always an id.\n"
     "\n"
     "example: plash map web 7"},
    {"build", verb_build, "build [-l] [--share-home] [--debug] ID [CMD ...]",

     "Run CMD in the image, and make a new image of what it changes; print its id. Without CMD:\n"
     "a login shell. With -l: run CMD through the login shell, with its profile. No image is\n"
     "made if CMD fails: what it changed is dropped. With --debug it is kept, and a shell opens\n"
     "in it: then make it the image, keep it as unsaved changes, or discard it.\n"
     "\n"
     "CMD cannot change anything on this machine: /home, /root and /tmp are the image's own. It\n"
     "can read the current directory, unless the image has one of the same path. With\n"
     "--share-home it sees the files of this machine as in `run`.\n"
     "\n"
     "plash build [--no-cache] [--pull] [--network none] [--debug] MACROS: build what macros say,\n"
     "such as --from debian --apt git (plash help-macros lists them). Layers that have been made\n"
     "before are taken from the cache.\n"
     "  --no-cache           make all layers anew\n"
     "  --pull               ask for the newest image to begin with\n"
     "  --network none       without a network\n"
     "  --debug              open a shell where a command fails\n"
     "\n"
     "example: plash build 7 apt-get install -y git"},
    {"stack", verb_stack, "stack ID DIR",

     "Make an image of the layer DIR on top of the image ID, and print its id. ID 0 is the empty\n"
     "image, for a root file system. DIR is moved into the store, or copied if it is on another\n"
     "file system.\n"
     "\n"
     "example: plash stack 7 ~/layer"},
    {"rm", verb_rm, "rm [--trash] [--force] ID ...", NULL},
    {"check", verb_check, "check ID PATH",

     "Print the id of a child of ID that stays the same until PATH changes: a file, or a\n"
     "directory with everything in it. Images that are built on it through the cache are built\n"
     "again only then.\n"
     "\n"
     "example: plash cache build $(plash check 7 requirements.txt) make"},
    {"clean", verb_clean, "clean [--cache]", NULL},
    {"pull:tarfile", verb_pull_tarfile, "pull:tarfile [--name NAME] [FILE]", NULL},
    {"push:dir", verb_push_dir, "push:dir ID DIR", NULL},
    {"push:tarfile", verb_push_tarfile, "push:tarfile ID [FILE]", NULL},
    {"recall", verb_recall, "recall [VERB ...]",

     "Print the id of the image that this session remembers; or run VERB on that image.\n"
     "\n"
     "The id is inserted where VERB expects one and none is given. If VERB prints the id of an\n"
     "image, the session remembers that image.\n"
     "\n"
     "example: plash recall build make"},
    {"cache", verb_cache, "cache VERB ...",

     "Print the image that VERB made of the same words before; run VERB only if there is none. A\n"
     "file among the words, or as standard input, is compared by its content.\n"
     "\n"
     "example: plash cache build 7 make"},
    {"do", verb_do, "do VERB ...",

     "Run VERB as `recall` and `cache` do: on the image that this session remembers, unless the\n"
     "result is in the cache.\n"
     "\n"
     "example: plash do build make"},
    {"version", verb_version, "version", NULL},
    {"help", verb_help, "help [VERB]", NULL},
    {"engine:probe", verb_engine_probe, "engine:probe [STORE]",
     "Try what works on this machine, and print it as JSON."},
    {"engine:extract", verb_engine_extract,
     "engine:extract [--unset-ids] [--layer NOTES] [--unsynced] DIR",

     "Unpack a tar from standard input into DIR. --unset-ids: no file becomes setuid or setgid.\n"
     "--layer: it is a layer of an image: files .wh.NAME become whiteouts. In the directory NOTES\n"
     "the file `implied` then lists the directories that it has files in, but not itself, and\n"
     "standard output is its recipe, from which the same tar is made again. --unsynced: do not\n"
     "wait for the disk, since what is made is not meant to last."},
    {"engine:pack", verb_engine_pack, "engine:pack [--strangers-to-root] DIR",

     "Write DIR as a tar to standard output. --strangers-to-root: files of ids that your user\n"
     "namespace cannot express become root's."},
    {"engine:pack-image", verb_engine_pack_image, "engine:pack-image STORE ID",

     "Write the image as a tar to standard output."},
    {"engine:pack-layer", verb_engine_pack_layer, "engine:pack-layer [--own [--clamp SECONDS]] DIR",

     "Write the very tar from which engine:extract --layer filled DIR; its recipe is standard\n"
     "input. --own: write a tar of the layer DIR that only depends on what is in it; standard\n"
     "input is the list `implied`, or empty. --clamp: no time in it is later."},
    {"engine:lz4", verb_engine_lz4, "engine:lz4",

     "Compress blocks by lz4. A block is 4 bytes with its length, little endian, and at most 1 "
     "MiB\n"
     "of content; each is answered in the same form before the next one is read. An answer of\n"
     "length 0: it does not get shorter."},
    {"engine:usage", verb_engine_usage,
     "engine:usage [--threads N] [--beside-layers] STORE PATH...",

     "Print what each PATH takes on the disk, one JSON line each. --beside-layers: leave out the\n"
     "content of images, and for the PATH . what is a PATH of its own."},
    {"engine:remove", verb_engine_remove, "engine:remove [--threads N] STORE NAME...",

     "Delete STORE/tmp/NAME."},
    {"engine:sweep", verb_engine_sweep, "engine:sweep [--dry-run] STORE",

     "Remove what killed programs have left: work directories, links, drafts. Print how much as\n"
     "JSON. --dry-run: print the names of the work directories, one JSON line each."},
    {"engine:commit", verb_engine_commit,
     "engine:commit [--origin TEXT [--more]] [--implied FILE] [--unsynced] STORE PARENT NAME",

     "Make an image of STORE/tmp/NAME, and print its id. TEXT says how it was made. --more: a\n"
     "JSON object on standard input holds more to note about it. --implied: the directories that\n"
     "FILE lists (engine:extract) become as PARENT has them. --unsynced: as of engine:extract."},
    {"engine:sudo", verb_engine_sudo, "engine:sudo -- CMD...",

     "Run CMD of this machine as root over your subordinate ids; at the end, kill all that it\n"
     "started."},
    {"engine:with", verb_engine_with,
     "engine:with [--at PATH] [--upper DIR] [--files [--time N]] STORE ID -- CMD...",

     "Run CMD of this machine in the mounted image. --files: it has the files that standard input\n"
     "lists, each as MODE, PATH and CONTENT that end with NUL; with time N, in epoch seconds."},
    {"engine:mountfd", verb_engine_mountfd, "engine:mountfd [--upper DIR] --sock FD STORE ID",

     "Send the mounted image over a socket as descriptors: mount, directory, lock of ID, lock of\n"
     "DIR."},
    {"engine:account", verb_engine_account, "engine:account STORE ID",

     "Print as JSON as whom the image wants to be run, and the ids that it has here."},
    {"engine:list", verb_engine_list,
     "engine:list [--layer | --changes DIR] [--recursive | --chosen] STORE ID PATH",

     "List a directory as the image's root sees it, in NUL-separated fields. --layer: list that\n"
     "of the image's own layer, with whiteouts. --changes: list that of what a run has kept in\n"
     "DIR. --recursive: list all below, too. --chosen: list also the directories below that\n"
     "standard input names."},
    {"engine:read", verb_engine_read,
     "engine:read [--layer] [--offset N] [--length N] STORE ID PATH",

     "Write the bytes of a file of the image to standard output."},
    {"engine:gather", verb_engine_gather, "engine:gather STORE IMAGE NAME",

     "Fill STORE/tmp/NAME/data with the pieces of layers of IMAGE that standard input lists."},
    {"engine:split", verb_engine_split, "engine:split STORE IMAGE FROM TO",

     "Move what standard input lists from the unsaved changes FROM of IMAGE to TO, paths in "
     "STORE."},
    {"engine:users", verb_engine_users, "engine:users STORE [ID]",

     "List who uses the images: processes, holders of locks, mounts; one JSON line each."},
    {"engine:guard", verb_engine_guard, "engine:guard --lifeline-fd N",

     "Make the terminal usable again if the app that runs in it is killed."},
    {"with-mount", verb_mounted, NULL, "mounted"},
    {"add-layer", verb_stack, NULL, "stack"},
    {"create", verb_build, NULL, "build"},
    {"this", verb_recall, NULL, "recall"},
    {"noid", verb_recall, NULL, "recall"},
    {"cached", verb_cache, NULL, "cache"},
    {"d-run", verb_run_folder, NULL, "run:folder"},
    {0},
};
