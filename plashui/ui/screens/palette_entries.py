"""The entries of the command palette on each screen."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.app import SystemCommand
from textual.screen import Screen

from plashui.ui.model.host import Host
from plashui.ui.screens.main import MainScreen
from plashui.ui.widgets.key_bar import KeyBar


def palette_entries(screen: Screen[Any], host: Host) -> Iterator[SystemCommand]:
    """List all actions with their command lines; on other screens, their keys."""
    if isinstance(screen, MainScreen):
        now = screen.parts.view.now()
        for entry in host.actions:
            line = entry.line(now)
            text = f"{entry.help}\n$ {line}" if line else entry.help
            label = f"{entry.label} ({entry.keys or 'no key'})"
            run = partial(screen.run_action, entry.trigger)
            yield SystemCommand(label, text, run)
        tab = screen.parts.footer.tab_inside
        for key in tab.keys if tab is not None else ():
            if key.action:
                do = partial(screen.app.run_action, key.action, tab)
                label = f"{key.label} ({key.key})"
                yield SystemCommand(label, "In this tab.", do)
    else:
        for bar in screen.query(KeyBar):
            for key in bar.keys:
                if key.action:
                    do = partial(screen.app.run_action, key.action, screen)
                    label = f"{key.label} ({key.key})"
                    yield SystemCommand(label, "On this page.", do)
