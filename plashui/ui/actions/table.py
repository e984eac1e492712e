"""The table of all actions of the main screen.

Keys, footer, help, palette and command lines all come from this table. The handler of
an action is a method of the family of actions in the module of that name. This module
does not import Textual: `plashui config` reads the table, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plashui.settings.keymap import key_name
from plashui.ui.actions.annotate import AnnotateActions
from plashui.ui.actions.build import BuildActions
from plashui.ui.actions.clean import CleanActions
from plashui.ui.actions.commands import CommandActions
from plashui.ui.actions.compare import CompareActions
from plashui.ui.actions.copy import CopyActions
from plashui.ui.actions.navigate import NavigateActions
from plashui.ui.actions.remove import RemoveActions
from plashui.ui.actions.run import RunActions
from plashui.ui.actions.shrink import ShrinkActions
from plashui.ui.actions.system import SystemActions
from plashui.ui.actions.transfer import TransferActions
from plashui.ui.actions.view import ViewActions
from plashui.ui.model.action import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plashui.settings.config import Command

ACTIONS: Final[tuple[Action, ...]] = (
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
        RemoveActions.undo,
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
        RemoveActions.history,
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
    Action(
        "clean",
        CleanActions.clean,
        key="C",
        label="Clean",
        verb="plash clean",
        help="Clean up leftovers of killed programs and abandoned downloads.",
    ),
    Action(
        "doctor",
        SystemActions.doctor,
        key="D",
        label="Doctor",
        verb="plash doctor",
        help="Check this machine and say how to fix what is missing.",
    ),
    Action(
        "demo",
        CommandActions.demo,
        key="B",
        label="Demo",
        verb="plash demo",
        help="Look around in a throw-away store of small images, made offline.",
        anywhere=True,
    ),
    Action(
        "tour",
        NavigateActions.tour,
        key="f1",
        label="Tour",
        verb="",
        help="Show what is where, in five steps.",
        anywhere=True,
    ),
    Action(
        "stores",
        SystemActions.stores,
        key="O",
        label="Switch store",
        verb="plash --store PATH",
        help="Switch to another store, from the config or by path. Jobs keep running.",
        anywhere=True,
    ),
    Action(
        "compare",
        CompareActions.compare,
        key="equals_sign",
        label="Compare",
        verb="plash diff --packages --config {others} {id}",
        help=(
            "Compare two marked images, or the marked one with the one under the "
            "cursor, or that with an image in a registry: config, packages, files."
        ),
    ),
    Action(
        "sort",
        ViewActions.sort,
        key="s",
        label="Sort",
        verb="plash ls",
        help=(
            "Choose by what to sort, and in which direction. The key twice takes the "
            "next column."
        ),
        footer=8,
    ),
    Action(
        "by_name",
        ViewActions.by_name,
        key="n",
        label="Next match",
        verb="plash ls",
        help="Go to the next match of the filter; without a filter, sort by name.",
    ),
    Action(
        "list",
        ViewActions.list,
        key="t",
        label="List or tree",
        verb="plash ls",
        help=(
            "Show all images as one list, biggest layer first. Press again for the "
            "tree."
        ),
    ),
    Action(
        "map",
        ViewActions.map,
        key="M",
        label="Map",
        verb="plash df",
        help=(
            "Show the store as blocks sized by bytes. Arrows select a block, + and - "
            "zoom, c colours by distribution, age, last use or size."
        ),
        footer=11,
    ),
    Action(
        "mark",
        NavigateActions.mark,
        key="space",
        label="Mark",
        verb="",
        help=(
            "Mark the image, to act on several at once. Sorting, filtering and "
            "refreshing keep the marks."
        ),
        footer=5,
    ),
    Action(
        "mark_range",
        NavigateActions.mark_range,
        key="v",
        label="Mark a range",
        verb="",
        help=(
            "Mark all rows from here to the cursor until you press it again. Shift and "
            "the arrows do the same."
        ),
    ),
    Action(
        "mark_all",
        NavigateActions.mark_all,
        key="ctrl+a",
        label="Mark all",
        verb="",
        help="Mark all images that the filter finds; again unmarks them.",
    ),
    Action(
        "mark_others",
        NavigateActions.mark_others,
        key="I",
        label="Invert marks",
        verb="",
        help="Mark what is not marked, of the images that the filter finds.",
    ),
    Action(
        "filter",
        NavigateActions.filter,
        key="slash",
        label="Filter",
        verb="plash ls",
        help="Show only images that match all words, e.g. git >500M age>30d is:leaf.",
        footer=6,
    ),
    Action(
        "details",
        NavigateActions.details,
        key="i",
        label="Info",
        verb="plash show {id}",
        help="Show or hide the details of the image under the cursor.",
        footer=7,
    ),
    Action(
        "tab",
        NavigateActions.tab,
        key="tab,right_square_bracket",
        label="Next tab",
        verb="plash show {id}",
        help="Show the next tab of the details.",
    ),
    Action(
        "wider",
        ViewActions.wider,
        key="less_than_sign",
        label="Wider details",
        verb="",
        help="Give the details more room beside the images.",
    ),
    Action(
        "narrower",
        ViewActions.narrower,
        key="greater_than_sign",
        label="Narrower details",
        verb="",
        help="Give the details less room beside the images.",
    ),
    Action(
        "last_tab",
        NavigateActions.last_tab,
        key="left_square_bracket",
        label="Tab before",
        verb="plash show {id}",
        help="Show the tab of the details before this one.",
    ),
    Action(
        "copy",
        CopyActions.copy,
        key="y",
        label="Copy",
        verb="",
        help=(
            "Copy the id, the name, the command line, the path of the layer or how the "
            "image was made, through the terminal, also over ssh."
        ),
        footer=10,
    ),
    Action(
        "log",
        CopyActions.log,
        key="at",
        label="Commands run",
        verb="",
        help="List the command lines of all that was done here; copy one.",
    ),
    Action(
        "inside",
        NavigateActions.inside,
        key="o",
        label="Focus details",
        verb="plash show {id}",
        help=("Move the keyboard focus into the details. Press again for full screen."),
    ),
    Action(
        "jobs",
        NavigateActions.show_jobs,
        key="J",
        label="Jobs",
        verb="",
        help=(
            "List background jobs with their results and logs; cancel or retry them."
        ),
    ),
    Action(
        "running",
        NavigateActions.show_running,
        key="A",
        label="All running",
        verb="plash ps",
        help="List all that runs in images, live; go to an image, or end a process.",
    ),
    Action(
        "command",
        CommandActions.command,
        key="colon",
        label="Command",
        verb="",
        help=(
            "Type any command of plash, with completion. {id}, {name} and {dir} stand "
            "for the image; a number goes to the image of that id."
        ),
        footer=12,
    ),
    Action(
        "open_all",
        NavigateActions.open_all,
        key="asterisk",
        label="Open all",
        verb="",
        help="Open every branch, and unfold every build.",
    ),
    Action(
        "close_all",
        NavigateActions.close_all,
        key="minus",
        label="Close all",
        verb="",
        help="Close every branch, and fold every build.",
    ),
    Action(
        "reread",
        NavigateActions.reread,
        key="f5",
        label="Reload",
        verb="plash ls",
        help="Read the store again. This also happens whenever it changes.",
    ),
    Action(
        "back",
        NavigateActions.back,
        key="escape",
        label="Back",
        verb="",
        help="Go back one step: details, filter, marks. Never quits.",
    ),
    Action(
        "help",
        NavigateActions.help,
        key="question_mark",
        label="Help",
        verb="plash help",
        help="Show all keys and commands.",
        footer=0,
        anywhere=True,
    ),
    Action(
        "leave",
        NavigateActions.leave,
        key="q",
        label="Quit",
        verb="",
        help="Quit. Asks only if jobs are still running.",
        footer=0,
    ),
)


def action(name: str) -> Action:
    """Return the action of that name."""
    return next(a for a in ACTIONS if a.name == name)


def own_name(name: str) -> str:
    """Return the name of the action that runs a command of the config."""
    return f"own {name}"


def own_actions(commands: Mapping[str, Command]) -> tuple[Action, ...]:
    """Return an action for each command of the config."""
    return tuple(
        Action(
            own_name(name),
            CommandActions.command,  # `families` has what performs it
            key=",".join(filter(None, map(key_name, one.key))),
            label=name,
            verb="",
            help=f"Run: {one.run}",
            footer=4,
        )
        for name, one in commands.items()
    )
