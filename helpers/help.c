/* help — of the verbs this program does itself. The list of all verbs is plashui's, where that
 * is installed. */
#include <stdio.h>
#include <string.h>

#include "engine.h"
#include "handover.h"
#include "must.h"

struct page {
    const char *verb, *words, *text;
};

static const struct page people[] = {
    {"run", "run [-l] [--isolate [OPTIONS]] ID [CMD ...]",
     "Run CMD in the image; its changes are thrown away at the end. Without CMD: a login\n"
     "shell. With -l: CMD through the login shell, with its profile.\n\n"
     "The host's home, devices and network are there. Not so with --isolate: then the image\n"
     "has its own processes, network, devices, /tmp and environment, is read-only, and what it\n"
     "says of user, directory, environment, volumes and command counts. Options for that:\n"
     "  --net                the network of this machine\n"
     "  --rw                 the image can be changed, until the end\n"
     "  -v HOST:PATH[:ro]    a directory or file of this machine at PATH, made where missing;\n"
     "                       HOST without a '/' is a volume of that name kept in the store\n"
     "  -u USER[:GROUP]      names or numbers of the image's\n"
     "  -e NAME[=VALUE]      a variable; without VALUE, yours\n"
     "  -w DIR               the working directory\n"
     "  --hostname NAME\n\n"
     "example: plash run 7 apt list"},
    {"run:persist", "run:persist ID DIR [CMD ...]",
     "The same, but the changes are kept in DIR, so that the next run goes on.\n\n"
     "example: plash run:persist 7 ~/changes apt-get install git"},
    {"mounted", "mounted ID [CMD ...]",
     "Run a program of this machine with its working directory in the mounted image.\n\n"
     "example: plash mounted 7 du -sh ."},
    {"mount", "mount ID MOUNTDIR [CHANGESDIR]",
     "Mount the image for all programs; read-only, or with its changes kept in CHANGESDIR.\n"
     "Root gets a mount of the kernel's. A plain user gets one of fuse-overlayfs (packages\n"
     "fuse-overlayfs and fuse3), whose changes only another such mount understands.\n\n"
     "example: plash mount 7 /mnt"},
    {"umount", "umount MOUNTDIR",
     "Unmount what `mount` has mounted there.\n\n"
     "example: plash umount /mnt"},
    {"chroot", "chroot DIR [CMD ...]",
     "Run CMD in any directory that holds a root file system.\n\n"
     "example: plash chroot ~/rootfs ls"},
    {"sudo", "sudo [CMD ...]",
     "Run CMD as root of your user namespace.\n\n"
     "example: plash sudo rm -rf ~/changes"},
    {"data", "data [CMD ...]",
     "The path of the store, or CMD run there.\n\n"
     "example: plash data ls"},
    {"nodepath", "nodepath ID [--allow-0]",
     "The path of an image in the store.\n\n"
     "example: plash nodepath 7"},
    {"parent", "parent ID",
     "The id of an image's parent.\n\n"
     "example: plash parent 7"},
    {"id", "id ID",
     "The id behind a name.\n\n"
     "example: plash id web"},
    {"version", "version",
     "The version of plash.\n\n"
     "example: plash version"},
    {"help", "help [VERB]",
     "The list of verbs, or how one is used. `help engine`: the verbs for programs.\n\n"
     "example: plash help run"},
};

static const struct page engine[] = {
    {"engine:probe", "engine:probe [STORE]", "What works here, as JSON."},
    {"engine:extract", "engine:extract DIR", "A tar stream on standard input into DIR."},
    {"engine:usage", "engine:usage [--threads N] STORE PATH...",
     "What each PATH takes on the disk, one JSON line each."},
    {"engine:remove", "engine:remove [--threads N] STORE NAME...", "Deletes STORE/tmp/NAME."},
    {"engine:commit", "engine:commit [--take DIR] STORE PARENT NAME",
     "STORE/tmp/NAME becomes an image; prints its id."},
    {"engine:with", "engine:with [--at PATH] [--upper DIR] STORE ID -- CMD...",
     "Runs CMD of this machine in the mounted image."},
    {"engine:mountfd", "engine:mountfd [--upper DIR] --sock FD STORE ID",
     "Sends the mounted image as descriptors: mount, directory, lock of ID, lock of DIR."},
    {"engine:list", "engine:list [--layer] STORE ID PATH",
     "A directory as the image's root sees it, in NUL-separated fields. --layer: of the\n"
     "image's own layer, with whiteouts."},
    {"engine:read", "engine:read [--layer] [--offset N] [--length N] STORE ID PATH",
     "The bytes of a file of the image."},
    {"engine:users", "engine:users STORE [ID]",
     "Who uses the images: processes, holders of locks, mounts; a JSON line each."},
    {"engine:guard", "engine:guard --lifeline-fd N",
     "Makes the terminal usable again if the app on it is killed."},
};

static void list(const char *title, const struct page *pages, size_t count) {
    printf("%s\n", title);
    for (size_t i = 0; i < count; i++)
        printf("  plash %s\n", pages[i].words);
}

static int show(const struct page *pages, size_t count, const char *verb) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(pages[i].verb, verb) != 0)
            continue;
        printf("usage: plash %s\n\n%s\n", pages[i].words, pages[i].text);
        return 1;
    }
    return 0;
}

#define COUNT(pages) (sizeof(pages) / sizeof *(pages))

int verb_help(int argc, char **argv) {
    if (argc < 2) {
        hand_over_if_there(argv - 1); /* it has the list of all verbs */
        list("usage: plash VERB [WORDS...]\n\nAn ID is an image's number or a name given to it.\n",
             people, COUNT(people));
        printf("\nEvery other verb is done by plashui, which is missing here: install it again.\n"
               "`plash help VERB` tells more about one.\n");
    } else if (!strcmp(argv[1], "engine")) {
        list("Verbs for programs. All take --status-fd N (JSON lines) and --lifeline-fd N\n"
             "(its end ends the work).\n",
             engine, COUNT(engine));
    } else if (!show(people, COUNT(people), argv[1]) && !show(engine, COUNT(engine), argv[1])) {
        hand_over(argv - 1); /* "plash help VERB" */
    }
    must_print_all(true);
    return 0;
}
