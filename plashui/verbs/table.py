"""The table of all verbs, by purpose.

`plashui.cli` finds the function of a verb here; help, completion and the verbs before
a verb (recall, cache, do) use it, too. The C program has its own table of the verbs
that it does, helpers/verbs/table.c; a test compares the two.
"""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final, Literal


class Verb(NamedTuple):
    """A verb: its usage, what it does, and an example (the words after `plash`).

    In `usage`, options are in brackets; ID, FILE, DIR and the like are the kinds of
    operands. `makes`: it prints the id of an image.

    `run`: the function that does it, as "module:function"; it gets the words after the
    verb and returns the exit status. `helper`: whether the C program also does it
    without Python: wholly, or only in plain cases such as an uncompressed file.
    Without `run`, only the C program does it. `ends_at_once`: a signal ends it
    immediately, because it changes nothing, or handles signals itself.
    """

    usage: str
    does: str
    example: str
    makes: bool = False
    run: str = ""
    helper: Literal["", "wholly", "plain cases"] = ""
    ends_at_once: bool = False

    def sentence(self) -> str:
        """Return what it does, as a sentence."""
        return f"{self.does[0].upper()}{self.does[1:]}."

    def command(self) -> str:
        """Return the example as it is typed."""
        return self.example if "plash" in self.example else f"plash {self.example}"

    def operands(self) -> list[str]:
        """Return the operands in order; `...` is one, after an operand that repeats."""
        return self._taken_apart()[0]

    def options(self) -> dict[str, bool]:
        """Return the options, and whether each takes a value."""
        found = self._taken_apart()[1]
        return {**found, **ISOLATION} if "--isolate" in found else found

    def _taken_apart(self) -> tuple[list[str], dict[str, bool]]:
        operands: list[str] = []
        options: dict[str, bool] = {}
        inside: list[str] = []  # of each open bracket the option it is for, or ""
        first = False
        for word in self.usage.replace("[", "[ ").replace("]", " ]").split():
            if word == "[":
                inside.append(inside[-1] if inside else "")
            elif word == "]":
                inside.pop()
            elif first and word.startswith("-") and word != "-":
                options[word] = False
                inside[-1] = word
            elif not (inside and inside[-1]):
                operands.append(word)
            elif not first and word != "...":
                options[inside[-1]] = True
            first = word == "["
        return operands, options


ISOLATION: Final = {
    **{"--net": False, "--rw": False, "--setuid": False},
    **{"-v": True, "-u": True, "-e": True, "-w": True, "--hostname": True},
    **{"--memory": True, "--pids": True, "--seccomp": True},
}
"""The options of `run --isolate`, and whether each takes a value."""

_PULL_OPTIONS: Final = "[--name NAME] [--dry-run] [--json] [--jobs N] [--max-size SIZE]"
_PUSH_OPTIONS: Final = (
    "[--compression gzip|zstd|none] [--annotation KEY=VALUE] [--jobs N]"
)
_URL_OPTIONS: Final = "[--name NAME] [--jobs N] [--max-size SIZE] [--ref REF]"

FAMILIES: Final[dict[str, dict[str, Verb]]] = {
    "start": {
        "demo": Verb(
            "[DIR]",
            "the app on a throw-away store of small real images",
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
            "[--json] ID",
            "everything about an image",
            "show 7",
            run="plashui.verbs.show:run",
            ends_at_once=True,
        ),
        "diff": Verb(
            "[--json] ID [ID]",
            "what an image changes of its parent, or of another",
            "diff 7",
            run="plashui.verbs.diff:run",
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
            "[-l] [--share-home] ID [CMD ...]",
            "run a command; what it changes is a new image",
            "build 7 apt-get install -y git",
            makes=True,
            helper="wholly",
        ),
        "stack": Verb(
            "ID DIR",
            "a new image whose layer is DIR (moved)",
            "stack 7 ~/layer",
            makes=True,
            helper="wholly",
        ),
        "squash": Verb(
            "[--onto ANCESTOR] [--dry-run] [--json] ID",
            "one layer of all, or some, of a chain",
            "squash 7 --onto debian",
            makes=True,
            run="plashui.verbs.squash:run",
        ),
    },
    "in and out": {
        "pull": Verb(
            "[--name NAME] WHAT",
            "an image from a registry, URL, file or directory, whichever it is",
            "pull debian:bookworm",
            makes=True,
            run="plashui.verbs.pull:run",
        ),
        "pull:tarfile": Verb(
            "[--name NAME] [FILE]",
            "an image from a root filesystem tar (or stdin)",
            "pull:tarfile debian.tar.zst",
            makes=True,
            run="plashui.verbs.pull_tarfile:run",
            helper="plain cases",
        ),
        "pull:url": Verb(
            f"[--sha256 HEX] [--platform OS/ARCH] {_URL_OPTIONS} URL",
            "what pull:file takes, over http(s), resumable",
            "pull:url https://example.org/root.tar.xz",
            makes=True,
            run="plashui.verbs.pull_url:run",
        ),
        "pull:oci": Verb(
            f"[--platform OS/ARCH] {_PULL_OPTIONS} [--insecure HOST]"
            " [--keep-blobs] NAME",
            "an image from a registry, layer by layer",
            "pull:oci debian:bookworm",
            makes=True,
            run="plashui.verbs.pull_oci:run",
        ),
        "pull:docker": Verb(
            f"{_PULL_OPTIONS} [--pull] IMAGE",
            "an image that docker (or podman) has",
            "pull:docker my-image",
            makes=True,
            run="plashui.verbs.pull_docker:run",
        ),
        "pull:podman": Verb(
            f"{_PULL_OPTIONS} [--pull] IMAGE",
            "an image that podman has",
            "pull:podman localhost/my-image",
            makes=True,
            run="plashui.verbs.pull_podman:run",
        ),
        "pull:file": Verb(
            f"[--platform OS/ARCH] {_PULL_OPTIONS} [--ref REF] FILE",
            "an image from an OCI layout, a docker archive or a tar",
            "pull:file image.tar",
            makes=True,
            run="plashui.verbs.pull_file:run",
        ),
        "pull:lxc": Verb(
            "[--dry] [--name NAME] [--list] [--json] [DISTRO:RELEASE ...]",
            "an image from an image server of lxc; or what there is",
            "pull:lxc debian:trixie",
            makes=True,
            run="plashui.verbs.pull_lxc:run",
        ),
        "pull:dir": Verb(
            "[--name NAME] DIR",
            "an image from a copy of a directory",
            "pull:dir /srv/debian",
            makes=True,
            run="plashui.verbs.pull_dir:run",
        ),
        "pull:folder": Verb(
            "[--platform OS/ARCH] [--insecure HOST] NAME [DIR]",
            "a folder, as d-utils has them, from a registry; no image",
            "pull:folder debian:bookworm",
            run="plashui.verbs.pull_folder:run",
        ),
        "push": Verb(
            "ID WHERE",
            "an image to a registry, file or directory, whichever WHERE is",
            "push web registry.example.org/team/web:1",
            run="plashui.verbs.push:run",
        ),
        "push:oci": Verb(
            f"{_PUSH_OPTIONS} [--insecure HOST] ID NAME",
            "an image to a registry: the layers that are missing there",
            "push:oci web registry.example.org/team/web:1",
            run="plashui.verbs.push_oci:run",
        ),
        "push:file": Verb(
            f"{_PUSH_OPTIONS} [--name NAME] [--format oci|docker] ID [FILE]",
            "an image with its layers as a file, for podman, docker and others",
            "push:file web web.docker.tar",
            run="plashui.verbs.push_file:run",
        ),
        "push:tarfile": Verb(
            "ID [FILE]",
            "a tar of an image, compressed as FILE ends; to stdout without one",
            "push:tarfile 7 debian.tar.zst",
            run="plashui.verbs.push_tarfile:run",
            helper="plain cases",
        ),
        "push:dir": Verb(
            "ID DIR",
            "a faithful copy of an image",
            "push:dir 7 /srv/debian",
            run="plashui.verbs.push_dir:run",
            helper="plain cases",
        ),
        "push:squashfs": Verb(
            "[--compress zstd|gzip|lz4|xz|none] ID FILE",
            "a squashfs of an image, for Slurm's enroot, charliecloud, apptainer",
            "push:squashfs 7 debian.sqsh",
            run="plashui.verbs.push_squashfs:run",
        ),
        "push:folder": Verb(
            "ID DIR",
            "a folder of an image, for run:folder and d-utils",
            "push:folder 7 ~/debian",
            run="plashui.verbs.push_folder:run",
        ),
        "push:bundle": Verb(
            "[--terminal] ID DIR",
            "an OCI runtime bundle of an image, for runc, crun, Slurm's --container",
            "push:bundle 7 ~/bundle",
            run="plashui.verbs.push_bundle:run",
        ),
        "login": Verb(
            "[-u USER] [--password-stdin] [--insecure] HOST",
            "a user and a password for a registry, kept as podman and docker do",
            "login -u ada registry.example.org",
            run="plashui.verbs.login:run",
        ),
        "logout": Verb(
            "HOST",
            "forget them",
            "logout registry.example.org",
            run="plashui.verbs.logout:run",
        ),
    },
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
"""The families of verbs, in the order of `plashui help`."""

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
