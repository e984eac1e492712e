"""Actions of the app as a whole: a typed command, all branches, help, quit."""

from __future__ import annotations

from typing import Final

from plashui.ui.actions.commands import CommandActions
from plashui.ui.actions.navigate import NavigateActions
from plashui.ui.model.action import Action

APP: Final[tuple[Action, ...]] = (
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
