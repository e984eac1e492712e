"""The steps of a build as lines: what is in the cache, what runs, what has failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

from plashui.base.progress import StepProgress
from plashui.base.terminal_text import clean
from plashui.base.units import plural
from plashui.recipes.watch import shown_name
from plashui.ui.model.details.describe import wrapped
from plashui.ui.model.text.lines import Line, cut

if TYPE_CHECKING:
    from plashui.operations.failed import CommandFailed
    from plashui.recipes.look import SeenStage

_SIGNS: Final = {
    "waits": ("○", "faint"),
    "cached": ("≡", "good"),
    "runs": ("▸", "id"),
    "made": ("✓", "good"),
    "failed": ("✗", "bad"),
}
_WIDE: Final = 70
"""Cells from which on a note has a column of its own."""


def planned(stages: Sequence[SeenStage]) -> list[StepProgress]:
    """Return the steps of a plan before anything is done."""
    found = []
    for stage in stages:
        name = shown_name(stage.stage) if len(stages) > 1 else ""
        for number, seen in enumerate(stage.steps, 1):
            where = f"{name} {number}/{len(stage.steps)}".strip()
            shown = seen.step.shown
            if seen.image is not None:
                note = f"image {seen.image}"
                found.append(StepProgress(where, shown, "cached", note))
            else:
                found.append(StepProgress(where, shown, "waits", seen.why))
    return found


def side_by_side(stages: Sequence[SeenStage]) -> str:
    """Say which stages that are not in the cache wait for the same; "" for none."""
    after: dict[str, int] = {}
    together: dict[int, list[str]] = {}
    for stage in stages:
        level = 1 + max((after[name] for name in stage.needs), default=0)
        after[stage.stage.name] = level
        if stage.image is None:
            together.setdefault(level, []).append(shown_name(stage.stage))
    found = [names for names in together.values() if len(names) > 1]
    return ", ".join(f"{' and '.join(names)} side by side" for names in found)


def counted(steps: Sequence[StepProgress]) -> str:
    """Say how many steps of a plan there are, and how many have been done before."""
    cached = sum(step.state == "cached" for step in steps)
    if not steps:
        return "No steps: it is the image that it begins with"
    if cached == len(steps):
        return f"{plural(cached, 'step')}, all in the cache"
    to_do = len(steps) - cached
    return f"{plural(len(steps), 'step')}: {cached} in the cache, {to_do} to do"


def step_lines(steps: Sequence[StepProgress], width: int) -> list[Line]:
    """Format each step: a sign, its place, what it is, and the note on it."""
    places = max((cell_len(clean(step.where)) for step in steps), default=0)
    places = min(places, width // 3)
    lines: list[Line] = []
    before = ""
    for step in steps:
        said, before = before, step.note
        if width < _WIDE and step.note == said:
            step = step._replace(note="")  # it would take a line of its own again
        lines += _lines(step, places, width)
    return lines


def failed_lines(failed: CommandFailed, width: int) -> list[Line]:
    """Say which line of a build has failed, how it ended, and what it said last."""
    from plashui.operations.build import ended
    from plashui.operations.failed_shell import commands

    command = commands(failed)[-1]
    facts = (
        ("where", failed.at),
        ("command", command),
        ("it", ended(failed.status)),
        ("it said", failed.last),
        ("kept as", failed.place.name if failed.place else ""),
    )
    lines: list[Line] = []
    for name, value in facts:
        pieces = wrapped(clean(value), max(20, width - 12))[:5] if value else []
        for at, piece in enumerate(pieces):
            key = "" if at else name
            lines.append(
                ((f" {key:<9}", "faint"), (piece, "bad" if name == "it" else ""))
            )
    return lines


def _lines(step: StepProgress, places: int, width: int) -> Iterator[Line]:
    sign, kind = _SIGNS[step.state]
    where = cut(clean(step.where), places)
    begin: Line = (
        (f" {sign} ", kind),
        (where + " " * (places - cell_len(where) + 2), "faint"),
    )
    room = width - places - 6
    shown, note = clean(step.shown), clean(step.note)
    dim = "faint" if step.state == "waits" else ""
    if width >= _WIDE:
        column = room * 11 // 20
        shown = cut(shown, column)
        gap = " " * (column - cell_len(shown) + 2)
        note = cut(note, room - column - 2)
        yield (*begin, (shown + gap, ""), (note, "bad" if kind == "bad" else "faint"))
        return
    if step.state == "cached" or cell_len(shown) + cell_len(note) + 2 <= room:
        shown = cut(shown, max(8, room - cell_len(note) - 2))
        yield (
            *begin,
            (f"{shown}  ", dim),
            (cut(note, max(1, room - cell_len(shown))), "faint"),
        )
        return
    yield (*begin, (cut(shown, room), dim))
    if note:
        indent = " " * (places + 5)
        yield ((indent, ""), (cut(note, room), "faint"))
