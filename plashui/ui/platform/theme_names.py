"""The names of all themes; listing Textual's imports Textual."""

from __future__ import annotations

from typing import Final

OURS: Final = ("plashui", "plashui-light")
"""Our own themes; the first is the default."""


def all_themes() -> list[str]:
    """List our own themes, then those of Textual."""
    from textual.theme import BUILTIN_THEMES  # 20 times as long as `config` else takes

    return [*OURS, *sorted(BUILTIN_THEMES)]
