"""What the details say of an image, as lines: plain values, no widget."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rich.cells import cell_len, chop_cells

from plashui.core.forest import Forest, Size
from plashui.core.text import bar, clean, plural
from plashui.ui.tabs.tab import Subject
from plashui.ui.widgets.linelist import Line
from plashui.ui.widgets.rowcells import shown_size

KEY: Final = 13
"""Cells the names of facts take."""


def overview(subject: Subject, width: int) -> list[Line]:
    """Names, origin, the three sizes, dates and relatives of an image."""
    forest, image = subject.forest, subject.image
    if image is None:
        return []
    node = forest.images[image]
    lines: list[Line] = [_title(forest, image, width), ()]
    own, chain, subtree = forest.own(image), forest.chain(image), forest.subtree(image)
    layers, images = len(forest.lineage(image)), forest.count(image)
    files = plural(node.own.files, "file") if node.own else ""
    for name, amount, more in (
        ("own", own, files),
        ("chain", chain, plural(layers, "layer")),
        ("subtree", subtree, plural(images, "image")),
    ):
        text = shown_size(amount).rjust(8)
        lines.append(
            ((f" {name:<{KEY}}", "faint"), (text, "strong"), (f"   {more}", "faint"))
        )
    # With its notes, as the preview of the removal says; until those are weighed, "~".
    freed = Size(subtree.bytes + (subject.beside or 0), subtree.known)
    about = freed._replace(known=freed.known and subject.beside is not None)
    lines += [(), *_fact("if removed", f"{shown_size(about)} free again", width), ()]
    if node.names:
        lines += _fact("names", ", ".join(node.names), width)
    if node.origin:
        lines += _fact("made by", node.origin, width)
    for name, value in subject.facts.items():
        lines += _fact(name, value, width)
    if node.created is not None:
        at = datetime.fromtimestamp(node.created).astimezone()
        lines += _fact("created", f"{at:%Y-%m-%d %H:%M}", width)
    if node.parent in forest:
        label = forest.label(node.parent)
        lines += _fact("stands on", f"{node.parent} {label}".rstrip(), width)
    if node.children:
        kids = ", ".join(map(str, node.children[:20]))
        more = " …" if len(node.children) > 20 else ""
        lines += _fact("carries", kids + more, width)
    lines += [(), ((f" $ plash run {image}", "faint"),)]
    return lines


def layers(subject: Subject, width: int) -> list[Line]:
    """The chain an image is made of, topmost first, each layer with its size."""
    forest, image = subject.forest, subject.image
    if image is None:
        return []
    chain = forest.lineage(image)
    most = max((forest.own(i).bytes for i in chain), default=0) or 1
    digits = max(3, len(str(max(chain, default=0))))
    track = 6 if width >= 34 else 0
    lines: list[Line] = []
    for at in chain:
        own = forest.own(at)
        label = clean(forest.label(at))
        room = width - digits - 12 - (track + 1 if track else 0)
        if cell_len(label) > room:
            label = chop_cells(label, max(1, room - 1))[0] + "…"
        lines.append(
            (
                (f" {at:>{digits}}", "id"),
                (shown_size(own).rjust(8), "" if own.known else "faint"),
                (" " if track else "", ""),
                (bar(own.bytes / most, track) if track else "", "bar"),
                (f"  {label}", "strong" if at == image else ""),
            )
        )
    total = forest.chain(image)
    count = plural(len(chain), "layer")
    lines += [(), ((f" {shown_size(total)} in {count}", "faint"),)]
    return lines


def _title(forest: Forest, image: int, width: int) -> Line:
    label = clean(forest.label(image))
    number = f" {image}"
    room = width - len(number) - 2
    if cell_len(label) > room:
        label = chop_cells(label, max(1, room - 1))[0] + "…"
    return ((number, "id"), (f" {label}", "strong"))


def _fact(name: str, value: str, width: int) -> list[Line]:
    """One fact, its value wrapped below itself and at most five lines long."""
    pieces = wrapped(clean(value), max(8, width - KEY - 2))
    lines: list[Line] = []
    for at, piece in enumerate(pieces[:5]):
        cut = "…" if at == 4 and len(pieces) > 5 else ""
        key = name if at == 0 else ""
        lines.append(((f" {key:<{KEY}}", "faint"), (piece + cut, "")))
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Text in pieces of at most `width` cells, cut between words where it can be."""
    pieces: list[str] = []
    line = ""
    for word in text.split(" "):
        for part in chop_cells(word, width) if word else [""]:
            longer = f"{line} {part}" if line else part
            if cell_len(longer) <= width:
                line = longer
            else:
                pieces.append(line)
                line = part
    return [*pieces, line]
