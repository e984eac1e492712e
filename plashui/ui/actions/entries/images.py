"""Actions on images: run, make, change, name and remove them."""

from __future__ import annotations

from typing import Final

from plashui.ui.actions.annotate import AnnotateActions
from plashui.ui.actions.build import BuildActions
from plashui.ui.actions.remove import RemoveActions
from plashui.ui.actions.run import RunActions
from plashui.ui.actions.shrink import ShrinkActions
from plashui.ui.actions.transfer import TransferActions
from plashui.ui.actions.undo import UndoActions
from plashui.ui.model.action import Action

IMAGES: Final[tuple[Action, ...]] = (
    Action(
        "shell",
        RunActions.shell,
        key="enter,e",
        label="Shell",
        verb="plash run {id}",
        help=(
            "Open a shell in the image. Afterwards save its changes as a new image, "
            "decide later, or discard them."
        ),
        footer=1,
    ),
    Action(
        "run",
        RunActions.run,
        key="x",
        label="Run",
        verb="plash run {id} CMD",
        help=(
            "Run a command in the image. Choose its environment, volumes and "
            "isolation, and whether to keep its changes."
        ),
        footer=5,
    ),
    Action(
        "isolated",
        RunActions.isolated,
        key="X",
        label="Isolated shell",
        verb="plash run --isolate --rw {id}",
        help=(
            "Open a shell that cannot see this machine: it has its own processes, "
            "network, devices and /tmp."
        ),
    ),
    Action(
        "remove",
        RemoveActions.remove,
        key="d",
        label="Remove",
        verb="plash rm --trash {tops}",
        help=(
            "Show which images would go and how much space that frees, then move them "
            "to the trash."
        ),
        footer=2,
    ),
    Action(
        "undo",
        UndoActions.undo,
        key="u",
        label="Undo",
        verb="plash restore {removed}",
        help=(
            "Undo the last removal, discarded changes, name, pin or note; press again "
            "for the one before. What was removed comes back with its names."
        ),
        footer=4,
    ),
    Action(
        "history",
        UndoActions.history,
        key="U",
        label="Undo list",
        verb="",
        help=(
            "List what was done and can be undone: removals, discarded changes, "
            "names, pins and notes. Undo any of them."
        ),
    ),
    Action(
        "trash",
        RemoveActions.trash,
        key="T",
        label="Trash",
        verb="plash trash",
        help=(
            "List removed images and discarded changes; restore them or delete them "
            "permanently."
        ),
        footer=9,
    ),
    Action(
        "shrink",
        ShrinkActions.shrink,
        key="S",
        label="Shrink",
        verb="plash shrink --trash",
        help=(
            "Choose by size or age what to remove, oldest leaves first. See exactly "
            "which images that are, then move them to the trash."
        ),
        footer=11,
    ),
    Action(
        "build",
        BuildActions.build,
        key="b",
        label="Build",
        verb="plash build {id} CMD",
        help=(
            "Make a new image by a command, a shell, macros or a Containerfile; "
            "see what is cached before it runs."
        ),
    ),
    Action(
        "squash",
        BuildActions.squash,
        key="z",
        label="Squash",
        verb="plash squash {id}",
        help=(
            "Merge several layers into one: show how much that saves, then create the "
            "new image. The old images stay."
        ),
    ),
    Action(
        "config",
        BuildActions.config,
        key="c",
        label="Config",
        verb="plash config {id}",
        help=(
            "Change how the image is meant to be run: its variables, command, user, "
            "directory, volumes, ports. That makes a new image of no bytes."
        ),
    ),
    Action(
        "import",
        TransferActions.import_image,
        key="p",
        label="Import",
        verb="plash pull IMAGE",
        help=(
            "Create an image from a registry, from docker or podman, from a file, a "
            "URL or a directory, in the background."
        ),
        footer=3,
    ),
    Action(
        "import_file",
        TransferActions.import_file,
        key="F",
        label="Import a file",
        verb="plash pull FILE",
        help="Create an image from an image file or a tar of this machine.",
    ),
    Action(
        "export",
        TransferActions.export,
        key="E",
        label="Export",
        verb="plash push:tarfile {id} FILE",
        help=(
            "Write the image to a tar file, compressed as its name says, or to a "
            "directory, in the background."
        ),
    ),
    Action(
        "mount",
        TransferActions.mount,
        key="m",
        label="Mount",
        verb="plash mount {id} DIR",
        help=(
            "Mount the image at a directory, for every program to read. If it is "
            "mounted, unmount it. If it cannot be mounted, offer a shell in it."
        ),
    ),
    Action(
        "rename",
        AnnotateActions.rename,
        key="r,f2",
        label="Rename",
        verb="plash map NAME {id}",
        help="Name or rename the image, or delete its name.",
        footer=10,
    ),
    Action(
        "pin",
        AnnotateActions.pin,
        key="P",
        label="Pin",
        verb="plash pin {ids}",
        help=(
            "Pin the image, or all marked ones: shrink never removes pinned images. "
            "Press again to unpin."
        ),
    ),
    Action(
        "note",
        AnnotateActions.note,
        key="N",
        label="Note",
        verb="plash note {id} TEXT",
        help="Write a note about the image; the details show it.",
    ),
)
