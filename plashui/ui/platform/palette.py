"""The colours of what is drawn, readable in every theme.

A theme gives its grounds and its accent. All other colours are moved towards white or
black until they can be told from these grounds: text at 4.5:1, signs and bars at 3:1
(WCAG 2.1). So does the text of the themes that Textual brings. A terminal of 256 or 16
colours gets ones that it has: Rich would make blue of dark grey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError
from textual.content import Content

if TYPE_CHECKING:
    from textual.widget import Widget

TEXT: Final = 4.5
"""Least contrast of text."""

SIGN: Final = 3.0
"""Least contrast of signs, bars and the frame of the focus."""

HUES: Final = ("#f7768e", "#ff9e64", "#7aa2f7", "#4fd6be", "#e0af68", "#9ece6a")
"""One for each distribution; `ui/model/images/shares` says which."""

AGES: Final = ("#2bd9b0", "#4aa8ff", "#9a93ff", "#ffaf3d", "#ff6b6b")
"""One for each class of age, the youngest first."""

_DARK_HUES: Final = ("#c22f50", "#b0500a", "#2f5bd0", "#0b7468", "#8a5a00", "#3d7520")
_DARK_AGES: Final = ("#0b7468", "#1767b0", "#5a4fd0", "#9a5b00", "#c22f2f")
"""The same for text on light grounds."""

_FEW_HUES: Final = ("#ff5555", "#ffff55", "#55ffff", "#55ff55", "#ff55ff", "#00aaaa")
_FEW_AGES: Final = ("#55ff55", "#55ffff", "#aaaaaa", "#ffff55", "#ff5555")
_FEW_DARK_HUES: Final = (
    *("#aa0000", "#aa5500", "#0000aa", "#00aa00", "#aa00aa", "#00aaaa"),
)
_FEW_DARK_AGES: Final = ("#00aa00", "#0000aa", "#555555", "#aa5500", "#aa0000")
"""The same on a terminal of 16 colours."""

_FEW_TEXTS: Final = {
    "text-warning": ("#ffff55", "#aa5500"),
    "text-error": ("#ff5555", "#aa0000"),
    "text-success": ("#55ff55", "#00aa00"),
    "text-primary": ("#55ffff", "#0000aa"),
}
"""Texts that mean something, on dark and light grounds of 16 colours.

The pale ones of a theme would all be the same grey.
"""

_WHITE: Final = Color(255, 255, 255)
_BLACK: Final = Color(0, 0, 0)

_GREYISH: Final = 44
"""What the parts of a colour differ by, below which a grey stands for it."""

_STEPS: Final = (0, 95, 135, 175, 215, 255)
_GREYS: Final = (0, *range(8, 239, 10), 255)
_FEW: Final = (
    *((0, 0, 0), (170, 0, 0), (0, 170, 0), (170, 85, 0)),
    *((0, 0, 170), (170, 0, 170), (0, 170, 170), (170, 170, 170)),
    *((85, 85, 85), (255, 85, 85), (85, 255, 85), (255, 255, 85)),
    *((85, 85, 255), (255, 85, 255), (85, 255, 255), (255, 255, 255)),
)
"""The colours of terminals that have 256 or 16."""

BLOCK_INK: Final = "#10141b"
"""The text on the blocks of the map, in every theme."""

SHADES: Final = (0.0, -0.14, 0.16, -0.26, 0.3)
"""Towards white (or, below zero, black): siblings on the map differ in these."""

KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "id": ("text-success", ""),
    "guide": ("guide", ""),
    "origin": ("middling", ""),
    "number": ("foreground", ""),
    "name": ("foreground", "bold"),
    "strong": ("foreground", "bold"),
    "title": ("dim", "bold"),
    "faint": ("dim", ""),
    "mark": ("text-warning", "bold"),
    "found": ("text-warning", "bold underline"),
    "busy": ("text-success", ""),
    "pinned": ("text-primary", ""),
    "unsaved": ("unsaved", ""),
    "trash": ("trash", ""),
    "other": ("guide", ""),
    "key": ("text-success", "bold"),
    "accent": ("frame", "bold"),
    "tab": ("frame", "bold underline"),
    "warn": ("text-warning", "bold"),
    "good": ("text-success", ""),
    "bad": ("text-error", "bold"),
    "freed": ("hue4", "bold"),
    "large": ("hue0", ""),
    "some": ("hue4", ""),
    "track": ("track", ""),
    "bar": ("frame", ""),
    **{f"hue{at}": (f"hue{at}", "") for at in range(len(HUES))},
    **{f"root{at}": (f"hue{at}", "bold") for at in range(len(HUES))},
    **{f"hue{at}-dim": (f"hue{at}-dim", "") for at in range(len(HUES))},
    **{f"age{at}": (f"age{at}", "") for at in range(len(AGES))},
}
"""Each kind of text or sign: the variable with its colour, and its style."""


def contrast(one: Color, other: Color) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


class Depth(Enum):
    """How many colours the terminal has."""

    TRUE = "truecolor"
    MANY = "256"
    FEW = "standard"


def hues(depth: Depth, *, dark: bool = True) -> tuple[str, ...]:
    """Return the colours of distributions."""
    if depth is Depth.FEW:
        return _FEW_HUES if dark else _FEW_DARK_HUES
    return HUES if dark else _DARK_HUES


def ages(depth: Depth, *, dark: bool = True) -> tuple[str, ...]:
    """Return the colours of ages."""
    if depth is Depth.FEW:
        return _FEW_AGES if dark else _FEW_DARK_AGES
    return AGES if dark else _DARK_AGES


def _violet(depth: Depth, *, dark: bool) -> str:
    if depth is Depth.FEW:
        return "#ff55ff" if dark else "#aa00aa"
    return "#bb9af7" if dark else "#7a3fc0"


@lru_cache(4096)
def shown(color: Color, depth: Depth) -> Color:
    """Return the colour of the terminal that is nearest to a colour."""
    if depth is Depth.TRUE:
        return color
    red, green, blue = color.rgb
    greyish = max(color.rgb) - min(color.rgb) < _GREYISH
    if depth is Depth.FEW:
        near = [one for one in _FEW if not greyish or one[0] == one[1] == one[2]]
    else:
        level = _nearest(_GREYS, sum(color.rgb) // 3)
        near = [(level, level, level)]
        if not greyish:
            near.append(
                (_nearest(_STEPS, red), _nearest(_STEPS, green), _nearest(_STEPS, blue))
            )

    def far(one: tuple[int, int, int]) -> float:
        return (red - one[0]) ** 2 + (green - one[1]) ** 2 + (blue - one[2]) ** 2

    return Color(*min(near, key=far))


@lru_cache(1024)
def _nearest(steps: tuple[int, ...], part: int) -> int:
    return min(steps, key=lambda step: abs(step - part))


def readable(
    color: Color, grounds: Sequence[Color], ratio: float, depth: Depth = Depth.TRUE
) -> Color:
    """Return the colour, lighter or darker if needed for a contrast on all grounds."""
    light = sum(map(_luminance, grounds)) / len(grounds) < 0.18
    end = _WHITE if light else _BLACK
    for step in range(21):
        moved = shown(color.blend(end, step / 20), depth)
        if all(contrast(moved, ground) >= ratio for ground in grounds):
            return moved
    return end


def shades(hue: str, depth: Depth = Depth.TRUE) -> list[str]:
    """Return the shades of a colour for siblings on the map, all good for dark text.

    They are all the same where there are 16 colours.
    """
    base, ink = shown(Color.parse(hue), depth), Color.parse(BLOCK_INK)
    made: list[str] = []
    for shade in SHADES:
        by = 0.0 if depth is Depth.FEW else shade
        toned = base.blend(_WHITE if by > 0 else _BLACK, abs(by))
        while contrast(shown(toned, depth), ink) < TEXT:
            toned = toned.blend(_WHITE, 0.06)
        made.append(shown(toned, depth).hex6)
    return made


def variables(
    theme: Mapping[str, str], *, dark: bool, depth: Depth = Depth.TRUE
) -> dict[str, str]:
    """Return our variables for a theme, and its own texts where one can read them.

    With few colours also its others, as the terminal shows them.
    """
    ground, end = (_BLACK, _WHITE) if dark else (_WHITE, _BLACK)
    background, surface, panel = (
        shown(_parsed(theme.get(name)) or ground, depth)
        for name in ("background", "surface", "panel")
    )
    text = _parsed(theme.get("foreground")) or end
    accent = primary = _parsed(theme.get("primary")) or Color.parse(HUES[2])
    if depth is Depth.FEW:
        primary = Color.parse("#0000aa" if dark else "#aaaaaa")
    cursor = _apart(surface, primary, 1.35, depth)
    plain = [background, surface, panel]
    every = [*plain, cursor]
    rows = [surface, background, cursor]
    text_ratio = SIGN if depth is Depth.FEW else TEXT

    def read(
        color: Color, grounds: Sequence[Color] = rows, ratio: float = text_ratio
    ) -> Color:
        return readable(color, grounds, ratio, depth)

    others = {
        name: shown(color, depth)
        for name, value in theme.items()
        if depth is not Depth.TRUE and (color := _parsed(value)) is not None
    }
    readables = {
        name: read(color, every)
        for name, value in theme.items()
        if name.startswith("text-") and (color := _parsed(value)) is not None
    }
    if depth is Depth.FEW:
        readables |= {
            name: read(Color.parse(both[not dark]), every)
            for name, both in _FEW_TEXTS.items()
        }
    field = panel
    if depth is Depth.FEW and panel == surface:
        field = Color.parse("#555555" if dark else "#aaaaaa")
    colours = {
        **others,
        **readables,
        "field": field,
        "foreground": read(text, every, TEXT),
        "middling": read(text.blend(surface, 0.2), every),
        "dim": read(text.blend(surface, 0.45), every),
        "guide": read(text.blend(surface, 0.65), rows, SIGN),
        "track": shown(surface.blend(text, 0.1), depth),
        "line": shown(surface.blend(text, 0.16), depth),
        "frame": read(accent, plain, SIGN),
        "unsaved": read(Color.parse(_violet(depth, dark=dark))),
        "trash": read(text.blend(surface, 0.55), rows, SIGN),
        "block-cursor-background": cursor,
        "block-cursor-foreground": read(text, [cursor], TEXT),
        "block-cursor-blurred-background": shown(surface.blend(text, 0.08), depth),
    }
    for at, hue in enumerate(map(Color.parse, hues(depth, dark=dark))):
        colours[f"hue{at}"] = read(hue)
        colours[f"hue{at}-dim"] = read(hue.blend(surface, 0.55), rows, SIGN)
    for at, age in enumerate(map(Color.parse, ages(depth, dark=dark))):
        colours[f"age{at}"] = read(age)
    return {name: color.hex6 for name, color in colours.items()}


def _apart(ground: Color, other: Color, ratio: float, depth: Depth) -> Color:
    """Return the ground, moved towards another colour until one sees the difference."""
    moved = (shown(ground.blend(other, step / 20), depth) for step in range(1, 21))
    return next((color for color in moved if contrast(color, ground) >= ratio), other)


class ReadableApp(App[None]):
    """An app in whose themes one can read everything."""

    _begun = False

    @property
    def depth(self) -> Depth:
        """How many colours the terminal has."""
        known = {one.value: one for one in Depth}
        return known.get(self.console.color_system or "", Depth.TRUE)

    def begin_with(self, theme: str) -> None:
        """Show this theme from the first frame on.

        Setting `theme` would parse all rules once more after they were parsed.
        """
        self._begun = True
        self.set_reactive(App.theme, theme)
        dark = self.current_theme.dark
        self.set_class(dark, "-dark-mode", update=False)
        self.set_class(not dark, "-light-mode", update=False)
        self.add_class(f"-theme-{theme}", update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_css_variables(self) -> dict[str, str]:
        """Return the colours of the theme and our own, all of which can be read."""
        given = super().get_css_variables()
        if not self._begun:  # no theme has been chosen
            return given
        ours = variables(given, dark=self.current_theme.dark, depth=self.depth)
        self.theme_variables = given | ours
        return self.theme_variables


def ink(widget: Widget, kind: str) -> Style:
    """Return the style of a kind of text; its background is that of the widget."""
    variable, style = KINDS[kind]
    return _style(widget.app.theme_variables[variable], style)


def content(line: Sequence[tuple[str, str]]) -> Content:
    """Return a line as what Textual's own widgets show."""
    pieces: list[tuple[str, str]] = []
    for text, kind in line:
        variable, style = KINDS.get(kind, ("", ""))
        pieces.append((text, f"{style} ${variable}".strip() if variable else ""))
    return Content.assemble(*pieces)


@lru_cache(256)
def _style(color: str, style: str) -> Style:
    return Style.parse(style) + Style.from_color(Color.parse(color).rich_color)


@lru_cache(256)
def _luminance(color: Color) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, color.rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parsed(value: str | None) -> Color | None:
    """Return the colour; None for one that only the terminal knows."""
    if not value or value.startswith("auto"):
        return None
    try:
        color = Color.parse(value)
    except ColorParseError:
        return None
    return None if color.ansi is not None or color.a < 1 else color
