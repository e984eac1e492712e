"""Actions that change what is shown: order, marks, filter, details, pages."""

from __future__ import annotations

from typing import Final

from plashui.ui.actions.compare import CompareActions
from plashui.ui.actions.copy import CopyActions
from plashui.ui.actions.navigate import NavigateActions
from plashui.ui.actions.view import ViewActions
from plashui.ui.model.action import Action

LOOKING: Final[tuple[Action, ...]] = (
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
)
