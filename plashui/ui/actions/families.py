"""Create all families of actions of a main screen from the objects they need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from plashui.ui.actions.annotate import AnnotateActions
from plashui.ui.actions.build import BuildActions
from plashui.ui.actions.clean import CleanActions
from plashui.ui.actions.commands import CommandActions
from plashui.ui.actions.compare import CompareActions
from plashui.ui.actions.copy import CopyActions
from plashui.ui.actions.family import ActionFamily
from plashui.ui.actions.navigate import NavigateActions
from plashui.ui.actions.remove import RemoveActions
from plashui.ui.actions.run import RunActions
from plashui.ui.actions.shrink import ShrinkActions
from plashui.ui.actions.system import SystemActions
from plashui.ui.actions.table import ACTIONS, own_name
from plashui.ui.actions.transfer import TransferActions
from plashui.ui.actions.undo import UndoActions
from plashui.ui.actions.view import ViewActions
from plashui.ui.model.action import Action
from plashui.ui.store_view.parts import Parts


def families_of(parts: Parts) -> tuple[ActionFamily, ...]:
    """Create the families of a main screen with these parts."""
    view, reader, jobs = parts.view, parts.reader, parts.jobs
    describer = parts.describer
    remove = RemoveActions(view, reader, jobs)
    return (
        AnnotateActions(view, reader),
        BuildActions(view, reader, jobs),
        CleanActions(view, jobs),
        CompareActions(view),
        CommandActions(view, reader),
        CopyActions(view),
        NavigateActions(view, reader, describer, parts.field, parts.footer, jobs),
        remove,
        RunActions(view, reader, remove),
        ShrinkActions(view, remove),
        SystemActions(view, reader, parts.old_trash),
        TransferActions(view, reader, jobs),
        UndoActions(view, reader),
        ViewActions(view),
    )


def handlers(parts: Parts) -> dict[str, Callable[[], object]]:
    """Map the name of each action to the bound method that performs it."""
    families = families_of(parts)
    found: dict[str, Callable[[], object]] = {
        a.name: partial(a.do, family_of(families, a)) for a in ACTIONS
    }
    own = next(one for one in families if isinstance(one, CommandActions))
    for name, command in parts.view.host.config.commands.items():
        found[own_name(name)] = partial(own.own, command)
    return found


def family_of(families: Iterable[ActionFamily], action: Action) -> ActionFamily:
    """Return the family whose class has the action's method `do`."""
    name = action.do.__name__
    return next(f for f in families if getattr(type(f), name, None) is action.do)
