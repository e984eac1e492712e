"""The layers of a pull that runs: those that come, each in a line, and the rest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from plashui.base.progress import LayerProgress, Progress, in_words, percent
from plashui.base.terminal_text import bar
from plashui.base.units import plural, size
from plashui.ui.model.text.lines import Line

BAR: Final = 16
"""Width of a bar of progress, in cells."""


def layer_lines(progress: Progress, rate: float | None) -> list[Line]:
    """Format each layer that comes, those that wait, and all in words."""
    layers = progress.layers
    if not layers:
        return []
    lines: list[Line] = []
    waiting: list[LayerProgress] = []
    for number, layer in enumerate(layers, 1):
        if layer.complete:
            continue
        if not layer.done:
            waiting.append(layer)
            continue
        share = min(1.0, layer.done / max(1, layer.total))
        lines.append(
            (
                (f" {_called(number, layers)}  ", ""),
                (bar(share, BAR, 1.0), "bar"),
                (f"  {percent(layer.done, layer.total):>5}  ", ""),
                (f"{size(layer.done)} of {size(layer.total)}", "faint"),
            )
        )
    if waiting:
        left = size(sum(layer.total for layer in waiting))
        verb = "waits" if len(waiting) == 1 else "wait"
        lines.append(((f" {plural(len(waiting), 'layer')}, {left}, {verb}", "faint"),))
    lines.append(((f" {in_words(progress, rate)}", "strong"),))
    return lines


def newly_complete(before: Progress | None, now: Progress) -> Iterator[str]:
    """Say which layers are complete that were not before, in the first report also."""
    if before is None:
        if any(layer.complete for layer in now.layers):
            yield f"{now.complete_layers()} are here already"
        return
    for number, (old, new) in enumerate(
        zip(before.layers, now.layers, strict=False), 1
    ):
        if new.complete and not old.complete:
            yield f"{_called(number, now.layers)} is complete, {size(new.total)}"


def _called(number: int, layers: tuple[LayerProgress, ...]) -> str:
    count = str(len(layers))
    return f"layer {number:>{len(count)}} of {count}"
