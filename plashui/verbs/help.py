"""help, version."""

from __future__ import annotations

import sys
from typing import Final

from plashui import __version__
from plashui.core.errors import PlashError

FAMILIES: Final = {
    "start": ("demo", "init", "doctor", "version", "help"),
    "see": ("ls", "df", "show", "diff", "history", "ps"),
    "run": ("run", "run:persist", "mounted", "mount", "umount", "chroot", "sudo"),
    "make": ("build", "stack", "squash"),
    "in and out": ("pull:tarfile", "pull:url", "pull:dir", "push:tarfile", "push:dir"),
    "remember": ("recall", "cache", "do", "check"),
    "remove": ("rm", "trash", "restore", "clean"),
    "prune": ("shrink", "pin", "purge"),
    "names and paths": ("map", "id", "parent", "nodepath", "data", "mkdtemp"),
}
"""Every verb, by what it is for."""

USAGE: Final = {
    "demo": ("[DIR]", "the app on a throw-away store of small real images"),
    "init": ("", "make the store (every verb does so by itself)"),
    "doctor": ("[--json]", "what works on this machine, and what to do if not"),
    "version": ("", "the version"),
    "help": ("[VERB]", "this list, or how a verb is used"),
    "ls": ("[--json]", "the images as a tree, with their sizes"),
    "df": ("[--json]", "what the store takes on the disk"),
    "show": ("ID [--json]", "everything about an image"),
    "diff": ("ID [ID] [--json]", "what an image changes of its parent, or another"),
    "history": ("ID [--json]", "the layers of an image, and what made them"),
    "run": (
        "[-l] [--isolate] ID [CMD ...]",
        "a command (or a shell); its changes are thrown away",
    ),
    "run:persist": ("ID DIR [CMD ...]", "the same; changes are kept in DIR"),
    "mounted": ("ID [CMD ...]", "a program of the host, standing in the image"),
    "mount": ("ID DIR [CHANGESDIR]", "show an image to every program, at DIR"),
    "umount": ("DIR", "and no longer"),
    "chroot": ("DIR [CMD ...]", "a command in any root filesystem"),
    "sudo": ("[CMD ...]", "a command as root of a user namespace"),
    "pull:tarfile": ("[FILE]", "an image from a root filesystem tar (or stdin)"),
    "pull:url": ("URL [--sha256 HEX]", "the same over http(s), resumable"),
    "pull:dir": ("DIR", "an image from a copy of a directory"),
    "push:tarfile": ("ID [FILE]", "a tar of an image, compressed as FILE ends"),
    "push:dir": ("ID DIR", "a faithful copy of an image"),
    "build": ("ID [CMD ...]", "run a command; what it changes is a new image"),
    "stack": ("ID DIR", "a new image whose layer is DIR"),
    "squash": (
        "ID [--onto ANCESTOR] [--dry-run]",
        "one layer of all, or some, of a chain",
    ),
    "recall": ("[VERB ...]", "the session's last image; VERB with it, remembered"),
    "cache": ("VERB ...", "what VERB made of the same words, or do it now"),
    "do": ("VERB ...", "both: the session's last image, and from the cache"),
    "check": ("ID PATH", "a child of ID, another one once PATH has changed"),
    "rm": ("[--trash] [--force] ID ...", "remove images and all that stands on them"),
    "trash": ("[--empty] [--older AGE] [ID ...]", "what is in the trash; delete it"),
    "restore": ("ID ...", "bring images back from the trash"),
    "ps": ("[--json]", "what runs in images: processes, CPU, memory"),
    "shrink": (
        "[--to SIZE] [--older AGE] [--unused AGE] [--dry-run]",
        "remove half of the images, the oldest leaves first; or as said",
    ),
    "pin": ("[--off] [ID ...]", "images that a shrink never takes"),
    "purge": ("[--yes]", "delete everything in the store"),
    "clean": ("", "remove what killed processes left behind"),
    "map": ("KEY [ID]", "get, set or delete ('') the name of an image"),
    "id": ("ID", "the id behind a name"),
    "parent": ("ID", "the image it stands on"),
    "nodepath": ("ID [--allow-0]", "the directory of its layer"),
    "data": ("[CMD ...]", "the directory of the store"),
    "mkdtemp": ("", "a work directory in the store, removed with this session"),
}
"""How each verb is used and what it does."""


def help_verb(words: list[str]) -> int:
    """List the verbs by family, or say how one is used."""
    if words:
        verb = words[0]
        if verb not in USAGE:
            raise PlashError(f"no verb {verb!r}", "`plashui help` lists them")
        usage, does = USAGE[verb]
        sys.stdout.write(f"usage: plash {verb} {usage}".rstrip() + f"\n\n{does}\n")
        return 0
    lines = [
        "plashui            the terminal app",
        "plashui VERB ...   the same, one step at a time (or: plash VERB ...)",
    ]
    for family, verbs in FAMILIES.items():
        lines += ["", family]
        for verb in verbs:
            usage, does = USAGE[verb]
            lines.append(f"  {f'{verb} {usage}'.rstrip():<36} {does}")
    lines += ["", "The store is $PLASH_DATA, else ~/.plashdata."]
    lines += ["Wherever an ID is wanted, a name works too."]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def version_verb(_words: list[str]) -> int:
    """Print the version."""
    sys.stdout.write(f"{__version__}\n")
    return 0
