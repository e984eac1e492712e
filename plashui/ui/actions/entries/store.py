"""Actions on the store and this machine, and the tour."""

from __future__ import annotations

from typing import Final

from plashui.ui.actions.clean import CleanActions
from plashui.ui.actions.commands import CommandActions
from plashui.ui.actions.navigate import NavigateActions
from plashui.ui.actions.system import SystemActions
from plashui.ui.model.action import Action

STORE: Final[tuple[Action, ...]] = (
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
)
