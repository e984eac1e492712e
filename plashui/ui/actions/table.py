"""Everything one can do, as one table; the family beside it does it.

The key, the footer, the help, the palette and the command line a thing stands for
all come from here, so they cannot disagree. `plashui config` reads it, too, and does
without Textual.
"""

from __future__ import annotations

from typing import Final

from plashui.ui.actions.annotate import AnnotateActions
from plashui.ui.actions.build import BuildActions
from plashui.ui.actions.clean import CleanActions
from plashui.ui.actions.compare import CompareActions
from plashui.ui.actions.navigate import NavigateActions
from plashui.ui.actions.remove import RemoveActions
from plashui.ui.actions.run import RunActions
from plashui.ui.actions.shrink import ShrinkActions
from plashui.ui.actions.system import SystemActions
from plashui.ui.actions.transfer import TransferActions
from plashui.ui.actions.view import ViewActions
from plashui.ui.model.action import Action

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
            "Run a command in the image: with the environment and volumes you say, "
            "isolated or not, its changes kept or not."
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
            "Open a shell that sees nothing of this machine: own processes, network, "
            "devices and /tmp."
        ),
    ),
    Action(
        "remove",
        RemoveActions.remove,
        key="d",
        label="Remove",
        verb="plashui rm --trash {ids}",
        help="Show what would go and what it frees, then move it to the trash.",
        footer=2,
    ),
    Action(
        "undo",
        RemoveActions.undo,
        key="u",
        label="Undo",
        verb="plashui restore {removed}",
        help=(
            "Bring back what was removed or discarded last, with its names and its "
            "place."
        ),
        footer=4,
    ),
    Action(
        "trash",
        RemoveActions.trash,
        key="T",
        label="Trash",
        verb="plashui trash",
        help=(
            "Show what was removed or discarded: restore it, or delete it permanently."
        ),
        footer=9,
    ),
    Action(
        "shrink",
        ShrinkActions.shrink,
        key="S",
        label="Shrink",
        verb="plashui shrink --trash",
        help=(
            "Choose by size or age what goes, the oldest leaves first, and see exactly "
            "which; then move just that to the trash."
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
            "Run a command in the background, or a shell; what it changes is a new "
            "image on this one."
        ),
    ),
    Action(
        "squash",
        BuildActions.squash,
        key="z",
        label="Squash",
        verb="plash squash {id}",
        help=(
            "One layer out of several: show what it would save, then make the new "
            "image. The old ones stay."
        ),
    ),
    Action(
        "import",
        TransferActions.import_image,
        key="p",
        label="Import",
        verb="plashui pull:tarfile FILE",
        help=(
            "Make an image of a root filesystem: a tar, a URL, a directory; in the "
            "background."
        ),
        footer=3,
    ),
    Action(
        "export",
        TransferActions.export,
        key="E",
        label="Export",
        verb="plashui push:tarfile {id} FILE",
        help=(
            "Write the image as a tar, compressed as the file's name says, or as a "
            "directory; in the background."
        ),
    ),
    Action(
        "mount",
        TransferActions.mount,
        key="m",
        label="Mount",
        verb="plash mount {id} DIR",
        help=(
            "Show the image to every program, at a directory; or no longer, if it is "
            "mounted. Where no mount can be had: a shell that stands in it."
        ),
    ),
    Action(
        "rename",
        AnnotateActions.rename,
        key="r",
        label="Rename",
        verb="plashui map NAME {id}",
        help="Give the image a name, another one, or none.",
        footer=10,
    ),
    Action(
        "pin",
        AnnotateActions.pin,
        key="P",
        label="Pin",
        verb="plashui pin {ids}",
        help=(
            "Pin the image, or what is marked, so that no shrink takes it; once more "
            "takes the pin out."
        ),
    ),
    Action(
        "note",
        AnnotateActions.note,
        key="N",
        label="Note",
        verb="plashui note {id} TEXT",
        help="Write down something of the image; the details show it.",
    ),
    Action(
        "clean",
        CleanActions.clean,
        key="C",
        label="Clean",
        verb="plash clean",
        help=(
            "Remove what killed programs left behind, and downloads that were given "
            "up; say what that freed."
        ),
    ),
    Action(
        "doctor",
        SystemActions.doctor,
        key="D",
        label="Doctor",
        verb="plashui doctor",
        help=(
            "Try out what images need of this machine, and how to mend what is missing."
        ),
    ),
    Action(
        "stores",
        SystemActions.stores,
        key="O",
        label="Other store",
        verb="plashui --store PATH",
        help="Show another store: one of the config, or any path. Jobs go on.",
        anywhere=True,
    ),
    Action(
        "compare",
        CompareActions.compare,
        key="equals_sign",
        label="Compare",
        verb="plashui diff {others} {id}",
        help=(
            "Show what leads from the one marked image to the one under the cursor: "
            "files added, modified and deleted, by size."
        ),
    ),
    Action(
        "sort",
        ViewActions.sort,
        key="s",
        label="Sort",
        verb="plashui ls",
        help="Sort by the next column: id, subtree, own, age, name, last use.",
        footer=8,
    ),
    Action(
        "by_name",
        ViewActions.by_name,
        key="n",
        label="By name",
        verb="plashui ls",
        help="Sort by name.",
    ),
    Action(
        "list",
        ViewActions.list,
        key="v",
        label="List or tree",
        verb="plashui ls",
        help=(
            "Show all images as one list, the biggest layer first; once more as the "
            "tree."
        ),
    ),
    Action(
        "map",
        ViewActions.map,
        key="M",
        label="Map",
        verb="plashui df",
        help=(
            "The usage map: the store as blocks sized by bytes and coloured by age. "
            "Arrows go from block to block, + and - zoom; once more comes back."
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
            "Mark the image, for removing several at once. Marks stay through sort, "
            "filter and refresh."
        ),
        footer=5,
    ),
    Action(
        "filter",
        NavigateActions.filter,
        key="slash",
        label="Filter",
        verb="plashui ls",
        help="Show only images that match all words, as in: git >500M age>30d is:leaf.",
        footer=6,
    ),
    Action(
        "details",
        NavigateActions.details,
        key="i",
        label="Info",
        verb="plashui show {id}",
        help="Show or hide the details of the image under the cursor.",
        footer=7,
    ),
    Action(
        "tab",
        NavigateActions.tab,
        key="tab",
        label="Next tab",
        verb="plashui show {id}",
        help="Switch between the tabs of the details.",
    ),
    Action(
        "inside",
        NavigateActions.inside,
        key="o",
        label="Look inside",
        verb="plashui show {id}",
        help=(
            "Go into the details with the keyboard; once more lets them fill the "
            "screen."
        ),
    ),
    Action(
        "jobs",
        NavigateActions.show_jobs,
        key="J",
        label="Jobs",
        verb="",
        help=(
            "Show what runs in the background and how it ended, with its log; cancel "
            "it, or try again."
        ),
    ),
    Action(
        "open_all",
        NavigateActions.open_all,
        key="asterisk",
        label="Open all",
        verb="",
        help="Open every branch of the tree.",
    ),
    Action(
        "close_all",
        NavigateActions.close_all,
        key="minus",
        label="Close all",
        verb="",
        help="Close every branch of the tree.",
    ),
    Action(
        "reread",
        NavigateActions.reread,
        key="f5",
        label="Read again",
        verb="plashui ls",
        help="Read the store again; it is done anyway when something changes there.",
    ),
    Action(
        "back",
        NavigateActions.back,
        key="escape",
        label="Back",
        verb="",
        help=(
            "Take back, one at a time: the details, the filter, the marks. Never quits."
        ),
    ),
    Action(
        "help",
        NavigateActions.help,
        key="question_mark",
        label="Help",
        verb="plash help",
        help="Show this.",
        footer=0,
        anywhere=True,
    ),
    Action(
        "leave",
        NavigateActions.leave,
        key="q",
        label="Quit",
        verb="",
        help="Leave; asks only if a job would be lost.",
        footer=0,
    ),
)


def action(name: str) -> Action:
    """The action of that name."""
    return next(a for a in ACTIONS if a.name == name)
