"""engine:advice: what would make room, for the helper on a full disk."""

from __future__ import annotations

from plashui.store.disk_full import advice
from plashui.verbs.shared.current_store import store
from plashui.verbs.shared.output import out
from plashui.verbs.shared.parser import Parser


def run(words: list[str]) -> int:
    """Print what emptying the trash would free."""
    Parser("engine:advice").parse_args(words)
    out(advice(store()))
    return 0
