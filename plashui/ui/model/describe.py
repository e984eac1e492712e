"""Lines of the tabs Overview and Layers, as plain values without a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len, chop_cells

from plashui.base.terminal_text import bar, clean
from plashui.base.units import plural, size
from plashui.model.forest import Forest, Size
from plashui.store.run_spec import on_store
from plashui.ui.model.folds import folded
from plashui.ui.model.lines import Line
from plashui.ui.model.row_cells import shown_size
from plashui.ui.model.subject import Subject

if TYPE_CHECKING:
    from plashui.base.errors import Holder
    from plashui.image.inspection import Description
    from plashui.image.shadowed import Shadow

KEY: Final = 13
"""Width of the names of facts, in cells."""


def overview(subject: Subject, width: int) -> list[Line]:
    """Return the lines of the tab Overview: sizes, names, origin, dates, relatives."""
    forest, image = subject.forest, subject.image
    if image is None:
        return []
    node = forest.images[image]
    lines: list[Line] = [_title(forest, image, width), ()]
    first, build = subject.whole[0], folded(subject.steps, image)
    own, chain = build.own(forest, image), forest.chain(image)
    subtree = build.subtree(forest, image)
    layers, images = len(forest.lineage(image)), forest.count(first)
    files = plural(node.own.files, "file") if node.own else ""
    files = f"{len(subject.whole)} steps" if subject.steps else files
    for name, amount, more in (
        ("own", own, files),
        ("chain", chain, plural(layers, "layer")),
        ("subtree", subtree, plural(images, "image")),
    ):
        text = shown_size(amount).rjust(8)
        lines.append(
            ((f" {name:<{KEY}}", "faint"), (text, "strong"), (f"   {more}", "faint"))
        )
    # Includes the notes, as the preview of a removal does; "~" until they are counted.
    freed = Size(subtree.bytes + (subject.beside or 0), subtree.known)
    about = freed._replace(known=freed.known and subject.beside is not None)
    lines += [(), *_fact("removing it", f"frees {shown_size(about)}", width), ()]
    if node.names:
        lines += _fact("names", ", ".join(node.names), width)
    if node.origin:
        lines += _fact("created by", node.origin, width)
    for name, value in subject.facts.items():
        lines += _fact(name, value, width)
    if node.created is not None:
        lines += _fact("created", _date(node.created), width)
    parent = forest.images[first].parent
    if parent in forest:
        label = forest.label(parent)
        lines += _fact("built on", f"{parent} {label}".rstrip(), width)
    if node.children:
        kids = ", ".join(map(str, node.children[:20]))
        more = " …" if len(node.children) > 20 else ""
        lines += _fact("base of", kids + more, width)
    run = on_store(f"plash run {image}", subject.root)
    lines += [(), *(((f" {piece}", "faint"),) for piece in typed(run, width - 2))]
    return lines


def facts_of(about: Description, used_by: Sequence[Holder]) -> dict[str, str]:
    """Return the facts that are in the image's files and notes, by name."""
    facts: dict[str, str] = {}
    if about.note:
        facts["note"] = about.note
    if about.distribution:
        facts["distribution"] = about.distribution
    facts |= {name: value for name, value in about.from_config() if value}
    if about.skipped_devices:
        facts["skipped"] = plural(about.skipped_devices, "device node")
    if about.pinned:
        facts["pinned"] = "yes, shrink never removes it"
    if about.kept:
        names = [place.rpartition("/")[2] for place in about.kept]
        facts["unsaved"] = ", ".join(names)
    facts["last used"] = "never" if about.used is None else _date(about.used)
    if used_by:
        facts["in use by"] = ", ".join(
            f"{h.pid or ''} {h.command}".strip() for h in used_by[:5]
        )
    return facts


def _date(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M}"


class Chain(NamedTuple):
    """What takes long to find out about a chain; unknown parts are missing.

    `hidden` is what each layer hides. `steps` are the layers, topmost first, with what
    made them (clean), and among them, without an id, steps that made no layer. `saved`
    says what a squash would save, None while that is being calculated.
    """

    hidden: Mapping[int, Shadow] = {}
    steps: Sequence[tuple[int | None, str]] = ()
    saved: str | None = None


def layers(subject: Subject, width: int, known: Chain) -> list[Line]:
    """Return the lines of the tab Layers: the chain of an image, topmost first.

    Each layer has its size and the size of what it hides in the layers below.
    """
    forest, image = subject.forest, subject.image
    if image is None:
        return []
    chain = forest.lineage(image)
    total = forest.chain(image)
    digits = max(3, len(str(max(chain, default=0))))
    track = 6 if width >= 52 else 0
    bars = track + 1 if track else 0
    head = f" {'ID':>{digits}}{'OWN':>8}{'':{bars}}{'HIDES':>8}  NAME / ORIGIN"
    lines: list[Line] = [((head, "faint"),)]
    room = width - digits - 19 - bars
    for at, made_by in known.steps or [(at, "") for at in chain]:
        if at is None:
            columns = f"{'-':>8}{'':{bars}}{'':8}" if width >= 70 else ""
            step = _cut(f" {'-':>{digits}}{columns}  {made_by}", width)
            lines.append(((step, "faint"),))
            continue
        own = forest.own(at)
        label = _cut(clean(forest.label(at)), room)
        more = _made_by(forest, at, made_by)
        left = room - cell_len(label) - 2
        fits = left >= 8 if width >= 70 else cell_len(more) <= left
        beside = _cut(more, left) if fits else ""
        lines.append(
            (
                (f" {at:>{digits}}", "id"),
                (shown_size(own).rjust(8), "" if own.known else "faint"),
                (" " if track else "", ""),
                (bar(own.bytes / (total.bytes or 1), track) if track else "", "bar"),
                *_hides(known, at),
                (f"  {label}", "strong" if at == image else ""),
                (f"  {beside}" if beside else "", "faint"),
            )
        )
        if more and not beside and width < 70:
            indent = " " * (digits + 3)
            lines.append(((_cut(f"{indent}{more}", width), "faint"),))
    lines += [(), ((f" {shown_size(total)} in {plural(len(chain), 'layer')}", ""),)]
    if known.hidden:
        hidden = sum(shadow.bytes for shadow in known.hidden.values())
        lines.append(((f" {size(hidden)} of it hidden by layers above", ""),))
    if len(chain) > 1:
        saved = "Calculating what a squash would save …"
        pieces = wrapped(saved if known.saved is None else known.saved, width - 2)
        lines += [(), *(((f" {piece}", "faint"),) for piece in pieces)]
    return lines


def _hides(known: Chain, at: int) -> Line:
    shadow = known.hidden.get(at)
    if shadow is None:
        return (("…".rjust(8) if known.saved is None else " " * 8, "faint"),)
    return ((size(shadow.bytes).rjust(8), "warn" if shadow.bytes else "faint"),)


def _made_by(forest: Forest, at: int, made_by: str) -> str:
    """Say how a layer was made, unless its label says so already."""
    node = forest.images[at]
    if made_by and made_by.removeprefix("$ ") not in clean(node.origin):
        return made_by
    return clean(node.origin) if node.names else ""


def _cut(text: str, room: int) -> str:
    if cell_len(text) <= room:
        return text
    return chop_cells(text, max(1, room - 1))[0] + "…"


def _title(forest: Forest, image: int, width: int) -> Line:
    label = clean(forest.label(image))
    number = f" {image}"
    label = _cut(label, width - len(number) - 2)
    return ((number, "id"), (f" {label}", "strong"))


def _fact(name: str, value: str, width: int) -> list[Line]:
    """Format one fact; its value is wrapped to at most five lines."""
    pieces = wrapped(clean(value), max(8, width - KEY - 2))
    lines: list[Line] = []
    for at, piece in enumerate(pieces[:5]):
        cut = "…" if at == 4 and len(pieces) > 5 else ""
        key = name if at == 0 else ""
        lines.append(((f" {key:<{KEY}}", "faint"), (piece + cut, "")))
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """Wrap text to pieces of at most `width` cells, between words if possible."""
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


def typed(line: str, width: int) -> list[str]:
    """Format a command line for display, wrapped to `width` cells."""
    pieces = wrapped(clean(line), max(8, width - 2))
    return [f"{'  ' if at else '$ '}{piece}" for at, piece in enumerate(pieces)]
