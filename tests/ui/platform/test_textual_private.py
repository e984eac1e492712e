"""Private names of Textual are used in one module only."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from pathlib import Path

from textual.app import App
from textual.binding import Binding
from textual.message_pump import MessagePump
from textual.widget import Widget

import plashui.ui
from plashui.ui.platform import textual_private

OURS = Path(plashui.ui.__file__).parent
MADE = {*vars(type("Made", (Widget,), {})), *vars(type("Made", (App,), {}))}
"""What Textual itself puts into each class that is derived from one of its own."""


def test_no_other_module_imports_a_private_module() -> None:
    for path in OURS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            module = getattr(node, "module", None) or ""
            if module.startswith("textual") and "._" in module:
                assert path.name == "textual_private.py", module


def test_no_other_class_takes_the_place_of_a_private_method() -> None:
    for found in pkgutil.walk_packages(plashui.ui.__path__, "plashui.ui."):
        module = importlib.import_module(found.name)
        if module is textual_private:
            continue
        for one in vars(module).values():
            if isinstance(one, type) and issubclass(one, MessagePump):
                _takes_no_place(one, module.__name__)


def _takes_no_place(one: type, module: str) -> None:
    if one.__module__ != module:
        return
    above = [base for base in one.__mro__ if base.__module__.startswith("textual")]
    theirs = {name for base in above for name in vars(base)} - MADE
    private = {name for name in theirs if name[:1] == "_" and name[:2] != "__"}
    assert not private & set(vars(one)), one


class Listening(App[None]):
    """Counts the keys it was told of."""

    heard = 0

    def action_hear(self) -> None:
        """One more."""
        self.heard += 1


async def test_keys_of_a_screen_take_the_place_of_those_of_its_class() -> None:
    app = Listening()
    async with app.run_test() as pilot:
        textual_private.bind_keys(app.screen, [Binding("tab,f9", "app.hear")])
        await pilot.press("tab", "f9")
        assert app.heard == 2
