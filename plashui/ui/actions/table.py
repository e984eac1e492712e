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
        "enter,e",
        "Shell",
        "plash run {id}",
        "Open a shell in the image. Afterwards save its changes as a new image, decide "
        "later, or discard them.",
        footer=1,
        changes=False,
    ),
    Action(
        "run",
        RunActions.run,
        "x",
        "Run",
        "plash run {id} CMD",
        "Run a command in the image: with the environment and volumes you say, "
        "isolated or not, its changes kept or not.",
        footer=5,
    ),
    Action(
        "isolated",
        RunActions.isolated,
        "X",
        "Isolated shell",
        "plash run --isolate --rw {id}",
        "Open a shell that sees nothing of this machine: own processes, network, "
        "devices and /tmp.",
    ),
    Action(
        "remove",
        RemoveActions.remove,
        "d",
        "Remove",
        "plashui rm --trash {ids}",
        "Show what would go and what it frees, then move it to the trash.",
        footer=2,
        changes=True,
    ),
    Action(
        "undo",
        RemoveActions.undo,
        "u",
        "Undo",
        "plashui restore {removed}",
        "Bring back what was removed or discarded last, with its names and its place.",
        footer=4,
        changes=True,
    ),
    Action(
        "trash",
        RemoveActions.trash,
        "T",
        "Trash",
        "plashui trash",
        "Show what was removed or discarded: restore it, or delete it permanently.",
        footer=9,
    ),
    Action(
        "shrink",
        ShrinkActions.shrink,
        "S",
        "Shrink",
        "plashui shrink --trash",
        "Choose by size or age what goes, the oldest leaves first, and see exactly "
        "which; then move just that to the trash.",
        footer=11,
        changes=True,
    ),
    Action(
        "build",
        BuildActions.build,
        "b",
        "Build",
        "plash build {id} CMD",
        "Run a command in the background, or a shell; what it changes is a new image "
        "on this one.",
        changes=True,
    ),
    Action(
        "squash",
        BuildActions.squash,
        "z",
        "Squash",
        "plash squash {id}",
        "One layer out of several: show what it would save, then make the new image. "
        "The old ones stay.",
        changes=True,
    ),
    Action(
        "import",
        TransferActions.import_image,
        "p",
        "Import",
        "plashui pull:tarfile FILE",
        "Make an image of a root filesystem: a tar, a URL, a directory; in the "
        "background.",
        footer=3,
        changes=True,
    ),
    Action(
        "export",
        TransferActions.export,
        "E",
        "Export",
        "plashui push:tarfile {id} FILE",
        "Write the image as a tar, compressed as the file's name says, or as a "
        "directory; in the background.",
    ),
    Action(
        "mount",
        TransferActions.mount,
        "m",
        "Mount",
        "plash mount {id} DIR",
        "Show the image to every program, at a directory; or no longer, if it is "
        "mounted. Where no mount can be had: a shell that stands in it.",
    ),
    Action(
        "rename",
        AnnotateActions.rename,
        "r",
        "Rename",
        "plashui map NAME {id}",
        "Give the image a name, another one, or none.",
        footer=10,
        changes=True,
    ),
    Action(
        "pin",
        AnnotateActions.pin,
        "P",
        "Pin",
        "plashui pin {ids}",
        "Pin the image, or what is marked, so that no shrink takes it; once more takes "
        "the pin out.",
        changes=True,
    ),
    Action(
        "note",
        AnnotateActions.note,
        "N",
        "Note",
        "plashui note {id} TEXT",
        "Write down something of the image; the details show it.",
        changes=True,
    ),
    Action(
        "clean",
        CleanActions.clean,
        "C",
        "Clean",
        "plash clean",
        "Remove what killed programs left behind, and downloads that were given up; "
        "say what that freed.",
        changes=True,
    ),
    Action(
        "doctor",
        SystemActions.doctor,
        "D",
        "Doctor",
        "plashui doctor",
        "Try out what images need of this machine, and how to mend what is missing.",
    ),
    Action(
        "stores",
        SystemActions.stores,
        "O",
        "Other store",
        "plashui --store PATH",
        "Show another store: one of the config, or any path. Jobs go on.",
        anywhere=True,
    ),
    Action(
        "compare",
        CompareActions.compare,
        "equals_sign",
        "Compare",
        "plashui diff {others} {id}",
        "Show what leads from the one marked image to the one under the cursor: files "
        "added, changed and removed, by size.",
    ),
    Action(
        "sort",
        ViewActions.sort,
        "s",
        "Sort",
        "plashui ls",
        "Sort by the next column: id, subtree, own, age, name, last use.",
        footer=8,
    ),
    Action(
        "by_name",
        ViewActions.by_name,
        "n",
        "By name",
        "plashui ls",
        "Sort by name.",
    ),
    Action(
        "list",
        ViewActions.list,
        "v",
        "List or tree",
        "plashui ls",
        "Show all images as one list, the biggest layer first; once more as the tree.",
    ),
    Action(
        "map",
        ViewActions.map,
        "M",
        "Map",
        "plashui df",
        "The usage map: the store as blocks sized by bytes and coloured by age. Arrows "
        "go from block to block, + and - zoom; once more comes back.",
        footer=11,
    ),
    Action(
        "mark",
        NavigateActions.mark,
        "space",
        "Mark",
        "",
        "Mark the image, for removing several at once. Marks stay through sort, "
        "filter and refresh.",
        footer=5,
    ),
    Action(
        "filter",
        NavigateActions.filter,
        "slash",
        "Filter",
        "plashui ls",
        "Show only images that match all words, as in: git >500M age>30d is:leaf.",
        footer=6,
    ),
    Action(
        "details",
        NavigateActions.details,
        "i",
        "Info",
        "plashui show {id}",
        "Show or hide the details of the image under the cursor.",
        footer=7,
    ),
    Action(
        "tab",
        NavigateActions.tab,
        "tab",
        "Next tab",
        "plashui show {id}",
        "Switch between the tabs of the details.",
    ),
    Action(
        "inside",
        NavigateActions.inside,
        "o",
        "Look inside",
        "plashui show {id}",
        "Go into the details with the keyboard; once more lets them fill the screen.",
    ),
    Action(
        "jobs",
        NavigateActions.show_jobs,
        "J",
        "Jobs",
        "",
        "Show what runs in the background and how it ended, with its log; cancel it, "
        "or try again.",
    ),
    Action(
        "open_all",
        NavigateActions.open_all,
        "asterisk",
        "Open all",
        "",
        "Open every branch of the tree.",
    ),
    Action(
        "close_all",
        NavigateActions.close_all,
        "minus",
        "Close all",
        "",
        "Close every branch of the tree.",
    ),
    Action(
        "reread",
        NavigateActions.reread,
        "f5",
        "Read again",
        "plashui ls",
        "Read the store again; it is done anyway when something changes there.",
    ),
    Action(
        "back",
        NavigateActions.back,
        "escape",
        "Back",
        "",
        "Take back, one at a time: the details, the filter, the marks. Never quits.",
    ),
    Action(
        "help",
        NavigateActions.help,
        "question_mark",
        "Help",
        "plash help",
        "Show this.",
        footer=0,
        anywhere=True,
    ),
    Action(
        "leave",
        NavigateActions.leave,
        "q",
        "Quit",
        "",
        "Leave; asks only if a job would be lost.",
        footer=0,
    ),
)


def action(name: str) -> Action:
    """The action of that name."""
    return next(a for a in ACTIONS if a.name == name)
