"""Remember what was typed in forms, in a file of the user on this machine."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from plashui.store.metadata import read_json, write_json

_MOST: Final = 200
"""Most commands that are remembered."""


def state_file() -> Path:
    """Return the path of the file, in the state directory of XDG."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if not base.startswith("/"):
        base = str(Path.home() / ".local/state")
    return Path(base, "plashui/remembered.json")


def recalled(form: str) -> dict[str, str]:
    """Return the last values of the form of that name."""
    forms = read_json(state_file()).get("forms")
    found = forms.get(form) if isinstance(forms, dict) else None
    return _texts(found) if isinstance(found, dict) else {}


def remember(form: str, values: Mapping[str, str]) -> None:
    """Remember these values for the form; other values of it stay."""

    def change(state: dict[str, Any]) -> None:
        forms = state.get("forms")
        forms = forms if isinstance(forms, dict) else {}
        before = forms.get(form)
        kept = _texts(before) if isinstance(before, dict) else {}
        state["forms"] = {**forms, form: {**kept, **values}}

    _change(change)


def commands() -> list[str]:
    """Return the commands that were run, latest first."""
    return _commands(read_json(state_file()))


def remember_command(line: str) -> None:
    """Put a command first."""

    def change(state: dict[str, Any]) -> None:
        others = [other for other in _commands(state) if other != line]
        state["commands"] = [line, *others][:_MOST]

    if line:
        _change(change)


def _commands(state: Mapping[str, Any]) -> list[str]:
    found = state.get("commands")
    return [x for x in found if isinstance(x, str)] if isinstance(found, list) else []


def _texts(values: Mapping[Any, Any]) -> dict[str, str]:
    return {
        k: v for k, v in values.items() if isinstance(k, str) and isinstance(v, str)
    }


def _change(change: Callable[[dict[str, Any]], None]) -> None:
    """Rewrite the file; remember nothing where it cannot be written."""
    path = state_file()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        state = read_json(path)
        change(state)
        # A command may hold secrets.
        path.parent.chmod(0o700)
        write_json(path, state)
