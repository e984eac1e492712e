"""The names of the themes there are; asking for them imports Textual."""

from __future__ import annotations

from typing import Final

OURS: Final = ("plashui", "plashui-light")
"""Our own themes, as `theme` has them; the first is for those who say nothing."""


def all_themes() -> list[str]:
    """Ours first, then those that come with Textual."""
    from textual.theme import BUILTIN_THEMES  # 20 times as long as `config` else takes

    return [*OURS, *sorted(BUILTIN_THEMES)]
