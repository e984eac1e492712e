"""The table of all actions of the main screen.

Keys, footer, help, palette and command lines all come from this table. The handler of
an action is a method of the family of actions in the module of that name. This module
does not import Textual: `plash config` reads the table, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plashui.settings.keymap import key_name
from plashui.ui.actions.commands import CommandActions
from plashui.ui.actions.entries.app import APP
from plashui.ui.actions.entries.images import IMAGES
from plashui.ui.actions.entries.looking import LOOKING
from plashui.ui.actions.entries.store import STORE
from plashui.ui.model.action import Action

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plashui.settings.config import Command

ACTIONS: Final[tuple[Action, ...]] = (*IMAGES, *STORE, *LOOKING, *APP)
"""In the order of the palette show them."""


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
