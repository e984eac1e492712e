"""The colours: calm, with one accent for what moves and one for what is marked."""

from __future__ import annotations

from typing import Final

from textual.theme import Theme

DUSK: Final = Theme(
    name="plashui",
    primary="#7da6d9",
    secondary="#8fb8a8",
    accent="#8fb8a8",
    warning="#d9a860",
    error="#d9737f",
    success="#8fbf7f",
    foreground="#cdd3de",
    background="#14171c",
    surface="#191d23",
    panel="#242a33",
    dark=True,
    variables={
        "block-cursor-background": "#34506f",
        "block-cursor-foreground": "#f2f5fa",
        "block-cursor-text-style": "bold",
        "border": "#3a4452",
        "scrollbar": "#343c48",
        "scrollbar-hover": "#46505f",
        "scrollbar-active": "#7da6d9",
        "scrollbar-background": "#191d23",
        "scrollbar-background-hover": "#191d23",
        "scrollbar-background-active": "#191d23",
        "input-selection-background": "#7da6d9 40%",
    },
)
