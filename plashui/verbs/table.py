"""The table of all verbs, by purpose.

`plashui.cli` finds the function of a verb here; help, completion and the verbs before
a verb (recall, cache, do) use it, too. The C program has its own table of the verbs
that it does, helpers/verbs/table.c; a test compares the two. `transfers` has the verbs
that bring images in and out.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING
from plashui.verbs.shared.verb import Verb
from plashui.verbs.transfers import TRANSFERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final


FAMILIES: Final[dict[str, dict[str, Verb]]] = {
    "start": {
        "demo": Verb(
            "[DIR]",
            "the app on a throw-away store of twenty small images",
            "demo",
            run="plashui.verbs.demo:run",
            ends_at_once=True,
        ),
        "init": Verb(
            "", "make the store (every verb does so by itself)", "init", helper="wholly"
        ),
        "doctor": Verb(
            "[--json]",
            "what works on this machine, and what to do if not",
            "doctor",
            run="plashui.verbs.doctor:run",
        ),
        "config": Verb(
            "[ID] [--env K=V] [--cmd CMD] [--entrypoint CMD] [--user USER]"
            " [--workdir PLACE] [--label K=V] [--volume PLACE] [--expose PORT]"
            " [--stop-signal SIGNAL] [--amend] [--name NAME]",
            "the settings; or how image ID is run, and with options a new image of it",
            "config 7 --env LANG=C.UTF-8 --cmd '[\"bash\"]'",
            makes=True,
            run="plashui.verbs.config:run",
        ),
        "completion": Verb(
            "bash|zsh|fish",
            "a script that lets a shell complete verbs, ids and names",
            'eval "$(plash completion bash)"',
            run="plashui.verbs.completion:run",
            ends_at_once=True,
        ),
        "version": Verb(
            "",
            "the version",
            "version",
            run="plashui.verbs.version:run",
            helper="wholly",
            ends_at_once=True,
        ),
        "help": Verb(
            "[VERB]",
            "this list, or how a verb is used",
            "help run",
            run="plashui.verbs.help:run",
            helper="plain cases",
            ends_at_once=True,
        ),
    },
    "see": {
        "ls": Verb(
            "[--json]",
            "the images as a tree, with their sizes",
            "ls",
            run="plashui.verbs.ls:run",
            ends_at_once=True,
        ),
        "df": Verb(
            "[--json]",
            "what the store takes on the disk",
            "df",
            run="plashui.verbs.df:run",
            ends_at_once=True,
        ),
        "show": Verb(
            "[--json] [--remote] [--platform OS/ARCH] [--insecure HOST]"
            " [--artifact-type TYPE] ID",
            "everything about an image; --remote: about one in a registry",
            "show 7",
            run="plashui.verbs.show:run",
            ends_at_once=True,
        ),
        "app": Verb(
            "[--json] FILE",
            "what an executable file of push:app holds, without running it",
            "app ./dev",
            run="plashui.verbs.app:run",
            ends_at_once=True,
        ),
        "diff": Verb(
            "[--json] [--packages] [--config] ID [ID]",
            "what an image changes of its parent, or of another",
            "diff 7",
            run="plashui.verbs.diff:run",
            ends_at_once=True,
        ),
        "packages": Verb(
            "[--json] [--layers] [--loose] ID [ID]",
            "the packages of an image, and their bytes; or how those of two differ",
            "packages 7",
            run="plashui.verbs.packages:run",
            ends_at_once=True,
        ),
        "history": Verb(
            "[--json] ID",
            "the layers of an image, and what made them",
            "history 7",
            run="plashui.verbs.history:run",
            ends_at_once=True,
        ),
        "ps": Verb(
            "[--json]",
            "what runs in images: processes, CPU, memory",
            "ps",
            run="plashui.verbs.ps:run",
            ends_at_once=True,
        ),
    },
    "run": {
        "run": Verb(
            "[-l] [--in-memory] [--home HOW] [--isolate [OPTIONS]] ID [CMD ...]",
            "a command (or a shell); its changes are thrown away",
            "run 7 apt list",
            helper="wholly",
        ),
        "run:persist": Verb(
            "[-l] [--home HOW] [--isolate [OPTIONS]] ID DIR [CMD ...]",
            "the same; changes are kept in DIR",
            "run:persist 7 ~/changes apt-get install git",
            helper="wholly",
        ),
        "run:folder": Verb(
            "[-v VOLUME] [-u USER] [-n] [-w] [--debug] DIR [CMD ...]",
            "a command in a folder of pull:folder or d-utils, isolated",
            "run:folder debian ls /etc",
            helper="wholly",
        ),
        "mounted": Verb(
            "ID [CMD ...]",
            "a program of the host, standing in the image",
            "mounted 7 du -sh .",
            helper="wholly",
        ),
        "mount": Verb(
            "ID MOUNTDIR [CHANGESDIR]",
            "show an image to every program, at MOUNTDIR",
            "mount 7 /mnt",
            helper="wholly",
        ),
        "umount": Verb("MOUNTDIR", "and no longer", "umount /mnt", helper="wholly"),
        "chroot": Verb(
            "DIR [CMD ...]",
            "a command in any root filesystem",
            "chroot ~/rootfs ls",
            helper="wholly",
        ),
        "sudo": Verb(
            "[CMD ...]",
            "a command as root of a user namespace",
            "sudo rm -rf ~/changes",
            helper="wholly",
        ),
    },
    "make": {
        "build": Verb(
            "[-l] [--share-home] [--debug] ID [CMD ...]",
            "run a command; what it changes is a new image; or build what macros say",
            "build 7 apt-get install -y git",
            makes=True,
            run="plashui.verbs.builds.build:run",
            helper="wholly",
        ),
        "build:file": Verb(
            "[-f FILE] [-t NAME] [--target STAGE] [--build-arg NAME=VALUE]"
            " [--label NAME=VALUE] [--secret id=ID,src=FILE] [--ssh ID]"
            " [--build-context NAME=DIR] [--no-cache] [--pull]"
            " [--network none] [--debug] DIR",
            "an image from a Containerfile (a Dockerfile)",
            "build:file -t site .",
            makes=True,
            run="plashui.verbs.builds.build_file:run",
        ),
        "b": Verb(
            "VERB [ARG ...] MACROS [-- ARG ...]",
            "VERB with what macros make as its image",
            "b run --from debian --apt git -- git --version",
            run="plashui.verbs.builds.b:run",
        ),
        "eval": Verb(
            "FILE ...",
            "the scripts that files of macros (or macros) stand for",
            "eval ./tool",
            run="plashui.verbs.builds.eval:run",
            ends_at_once=True,
        ),
        "help-macros": Verb(
            "[NAME ...]",
            "the macros that builds are made of",
            "help-macros apt",
            run="plashui.verbs.builds.help_macros:run",
            ends_at_once=True,
        ),
        "stack": Verb(
            "ID DIR",
            "a new image whose layer is DIR (moved)",
            "stack 7 ~/layer",
            makes=True,
            helper="wholly",
        ),
        "slim": Verb(
            "[--name NAME] [--json] ID [KIND ...]",
            "the leftovers of an image, such as caches; or an image without some",
            "slim 7 apt-lists docs",
            makes=True,
            run="plashui.verbs.slim:run",
        ),
        "squash": Verb(
            "[--onto ANCESTOR] [--dry-run] [--json] ID",
            "one layer of all, or some, of a chain",
            "squash 7 --onto debian",
            makes=True,
            run="plashui.verbs.squash:run",
        ),
    },
    "in and out": TRANSFERS,
    "remember": {
        "recall": Verb(
            "[VERB ...]",
            "the session's last image; VERB with it, remembered",
            "recall build make",
            helper="wholly",
        ),
        "cache": Verb(
            "VERB ...",
            "what VERB made of the same words, or do it now",
            "cache build 7 make",
            helper="wholly",
        ),
        "do": Verb(
            "VERB ...",
            "both: the session's last image, and from the cache",
            "do build make",
            helper="wholly",
        ),
        "check": Verb(
            "ID PATH",
            "a child of ID, another one once PATH has changed",
            "plash cache build $(plash check 7 requirements.txt) make",
            makes=True,
            helper="wholly",
        ),
    },
    "remove": {
        "rm": Verb(
            "[--trash] [--force] ID ...",
            "remove images and all that stands on them; or unsaved changes, 7-ab12",
            "rm --trash 7",
            run="plashui.verbs.rm:run",
            helper="plain cases",
        ),
        "trash": Verb(
            "[--json] [--older AGE] [--force] [--empty [ID ...]]",
            "what was removed or discarded; delete it permanently",
            "trash --empty",
            run="plashui.verbs.trash:run",
        ),
        "restore": Verb(
            "ID ...",
            "bring images and changes back from the trash",
            "restore 7",
            run="plashui.verbs.restore:run",
        ),
        "clean": Verb(
            "[--cache]",
            "remove what killed processes left behind, and what was kept too long",
            "clean",
            run="plashui.verbs.clean:run",
            helper="plain cases",
        ),
    },
    "prune": {
        "shrink": Verb(
            "[--to SIZE] [--older AGE] [--unused AGE] [--names] [--trash] [--dry-run]"
            " [--json]",
            "remove half of the images, the oldest leaves first; or as said",
            "shrink --to 10G --unused 14d --dry-run",
            run="plashui.verbs.shrink:run",
        ),
        "pin": Verb(
            "[--off] [ID ...]",
            "images that a shrink never takes",
            "pin debian",
            run="plashui.verbs.pin:run",
        ),
        "purge": Verb(
            "[--yes]",
            "delete everything in the store",
            "purge",
            run="plashui.verbs.purge:run",
        ),
    },
    "names and paths": {
        "map": Verb(
            "[--force] KEY [ID]",
            "get, set or delete ('') the name of an image",
            "map web 7",
            helper="wholly",
        ),
        "note": Verb(
            "ID [TEXT]",
            "get, write or delete ('') what you noted of an image",
            "note 7 'before the upgrade'",
            run="plashui.verbs.note:run",
        ),
        "id": Verb("ID", "the id behind a name", "id web", makes=True, helper="wholly"),
        "parent": Verb(
            "ID", "the image it stands on", "parent 7", makes=True, helper="wholly"
        ),
        "nodepath": Verb(
            "ID [--allow-0]",
            "the directory of its layer",
            "nodepath 7",
            helper="wholly",
        ),
        "data": Verb(
            "[CMD ...]",
            "the directory of the store; or CMD run there",
            "data ls",
            helper="wholly",
        ),
        "mkdtemp": Verb(
            "",
            "a work directory in the store, removed with this session",
            "d=$(plash mkdtemp); tar -xf layer.tar -C $d; plash stack 7 $d",
            helper="wholly",
        ),
    },
}
"""The families of verbs, in the order of `plash help`."""

VERBS: Final[dict[str, Verb]] = {
    name: verb for family in FAMILIES.values() for name, verb in family.items()
}
"""Every verb by its name."""

ENGINE: Final = {
    "engine:advice": Verb(
        "",
        "what emptying the trash would free, as the C program tells on a full disk",
        "engine:advice",
        run="plashui.verbs.engine_advice:run",
    )
}
"""The verbs for programs that are done in Python; the C program has the others."""

ALIASES: Final = {
    "create": "build",
    "add-layer": "stack",
    "import-docker": "pull:docker",
    "import-lxc": "pull:lxc",
    "import-tar": "pull:tarfile",
    "import-url": "pull:url",
    "copy": "push:dir",
    "d-pull": "pull:folder",
    "d-run": "run:folder",
    "export-tar": "push:tarfile",
    "with-mount": "mounted",
    "cached": "cache",
    "this": "recall",
    "noid": "recall",
    "--version": "version",
    "-V": "version",
    "--help": "help",
    "-h": "help",
}
"""Former names of verbs, and other spellings."""


def function_at(place: str) -> Callable[[list[str]], int]:
    """Return the function that `module:function` names."""
    module, _, name = place.partition(":")
    # Like importlib.import_module, whose own import takes as long as a small verb.
    found: Callable[[list[str]], int] = getattr(
        __import__(module, fromlist=[name]), name
    )
    return found


def synopsis(name: str) -> str:
    """Return the usage of a verb."""
    return f"plash {name} {(VERBS.get(name) or ENGINE[name]).usage}".rstrip()


def takes_the_last(name: str) -> bool:
    """Return whether `recall` may fill in a verb's first operand: an image.

    Not for `id`, which is about a name, and not for what is in the trash.
    """
    operands = VERBS[name].operands() if name in VERBS else []
    return operands[:1] == ["ID"] and name not in ("id", "restore")
