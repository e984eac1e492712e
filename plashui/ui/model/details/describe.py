"""Lines of the tabs Overview and Layers, as plain values without a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from rich.cells import cell_len, chop_cells

from plashui.base.terminal_text import clean
from plashui.base.units import plural, size
from plashui.model.forest import Forest, Size
from plashui.store.run_spec import on_store
from plashui.ui.model.details.live import Use, use_line
from plashui.ui.model.details.subject import Subject
from plashui.ui.model.images.folds import folded
from plashui.ui.model.images.row_cells import BUSY, shown_label, shown_size, size_kind
from plashui.ui.model.text.lines import Line, cut
from plashui.ui.model.text.thin_bars import thin_bar

if TYPE_CHECKING:
    from plashui.base.errors import Holder
    from plashui.image.inspection import Description
    from plashui.image.shadowed import Shadow

KEY: Final = 12
"""Width of the names of facts, in cells."""

IN_USE: Final = "in use by"
"""The fact that names the processes in an image, each on a line of its own."""


def overview(subject: Subject, width: int, use: Use | None = None) -> list[Line]:
    """Return the lines of the tab Info: use, sizes, the chain, the largest, facts.

    `use` is what the processes of the image take, if known.
    """
    image = subject.image
    if image is None:
        return []
    lines: list[Line] = []
    for section in (
        _state(subject, width, use),
        _sizes(subject, width),
        _chain_graph(subject, width),
        _biggest(subject, width),
        _facts(subject, width),
    ):
        lines += [*section, ()] if section else []
    run = on_store(f"plash run {image}", subject.root)
    lines += [((piece, "faint"),) for piece in typed(run, width)]
    return lines


def _state(subject: Subject, width: int, use: Use | None) -> list[Line]:
    """Say what runs in the image, and what it is built on."""
    forest = subject.forest
    lines: list[Line] = []
    if IN_USE in subject.facts:
        sign = f"{BUSY} in use"
        lines.append(((sign, "busy"), *use_line(use, width - len(sign))))
    system = clean(subject.facts.get("distribution", ""))
    parent = forest.images[subject.whole[0]].parent
    words: list[tuple[str, str]] = [(system, "")] if system else []
    if parent in forest:
        label = f"{parent} {shown_label(forest, parent)}".rstrip()
        words += [(" · " if system else "", "faint"), ("on ", "faint"), (label, "")]
    return [*lines, words] if words else lines


_VALUE: Final = 18
"""The column where the sizes of a section end."""


def _sizes(subject: Subject, width: int) -> list[Line]:
    """Return the three sizes of an image as bars on one scale, and what it frees."""
    forest, image = subject.forest, subject.image or 0
    build = folded(subject.steps, image)
    own, chain = build.own(forest, image), forest.chain(image)
    subtree = build.subtree(forest, image)
    most = max(chain.bytes, subtree.bytes, 1)
    hue, track = f"hue{subject.hue}", max(0, width - _VALUE - 2)
    node = forest.images[image]
    files = plural(node.own.files, "file") if node.own else ""
    if subject.steps:
        kind = "step" if forest.images[subject.steps[0]].step else "image"
        files = plural(len(subject.whole), kind)
    lines: list[Line] = [_section("SIZE", files, width)]
    for name, amount in (("own", own), ("chain", chain), ("subtree", subtree)):
        bar = thin_bar(own.bytes / most, track, hue, amount.bytes / most, f"{hue}-dim")
        value = shown_size(amount).rjust(_VALUE - len(name))
        lines.append(((name, "faint"), (value, "strong"), ("  ", ""), *bar))
    # Includes the notes, as the preview of a removal does; "~" until they are counted.
    freed = Size(subtree.bytes + (subject.beside or 0), subtree.known)
    about = freed._replace(known=freed.known and subject.beside is not None)
    value = shown_size(about)
    return [*lines, (("removing it frees ", "faint"), (value, "freed"))]


def _section(title: str, right: str, width: int) -> Line:
    gap = max(1, width - cell_len(title) - cell_len(right))
    return ((title, "title"), (" " * gap, ""), (right, "faint"))


_LAYERS: Final = 8
"""Layers of a chain that are drawn; more are counted."""


def _chain_graph(subject: Subject, width: int) -> list[Line]:
    """Return the layers of an image as a graph, topmost first, each with a bar."""
    forest, image = subject.forest, subject.image or 0
    chain = forest.lineage(image)
    if len(chain) < 2:
        return []
    shown = chain
    if len(chain) > _LAYERS:
        shown = [*chain[: _LAYERS - 1], chain[-1]]
    most = max(forest.own(at).bytes for at in chain) or 1
    digits, hue = len(str(max(chain))), f"hue{subject.hue}"
    track = min(30, max(6, width - 34))
    room = width - digits - 2 - 1 - 10 - track - 1
    lines: list[Line] = [_section("CHAIN", plural(len(chain), "layer"), width)]
    for at in shown:
        sign = "●" if at == image else "┴" if at == chain[-1] else "│"
        if at == chain[-1] and len(shown) < len(chain):
            left = plural(len(chain) - len(shown), "more layer")
            lines.append((("┆ ", hue), (f"{'':{digits}} {left}", "faint")))
        own = forest.own(at)
        label = cut(shown_label(forest, at), room)
        lines.append(
            (
                (f"{sign} ", hue),
                (f"{at:>{digits}} ", "id"),
                (label + " " * (room - cell_len(label)), ""),
                (shown_size(own).rjust(9), size_kind(own)),
                (" ", ""),
                *thin_bar(own.bytes / most, track, hue),
            )
        )
    return lines


def _biggest(subject: Subject, width: int) -> list[Line]:
    """Return the directories of the image's own layer that take the most."""
    if not subject.biggest:
        return []
    lines: list[Line] = [_section("BIGGEST IN THIS LAYER", "3 all", width)]
    most = subject.biggest[0][1] or 1
    track = min(12, max(5, width // 6))
    room = width - track - 11
    for path, count in subject.biggest:
        name = _cut_left(path, room)
        lines.append(
            (
                (name + " " * (room - cell_len(name)), ""),
                (size(count).rjust(9), size_kind(Size(count, True))),
                ("  ", ""),
                *thin_bar(count / most, track, "hue3"),
            )
        )
    return lines


def _facts(subject: Subject, width: int) -> list[Line]:
    """Return names, origin, notes, dates and relatives."""
    forest, image = subject.forest, subject.image or 0
    node = forest.images[image]
    lines: list[Line] = []
    if len(node.names) > 1:
        lines += _fact("names", ", ".join(node.names), width)
    if node.origin:
        lines += _fact("created by", node.origin, width)
    for name, value in subject.facts.items():
        if name == IN_USE:
            for at, one in enumerate(value.split("\n")):
                key = "" if at else name
                user = cut(one, max(8, width - KEY - 1))
                lines.append(((f"{key:<{KEY}}", "faint"), (user, "")))
        elif name != "distribution":
            lines += _fact(name, value, width, "warn" if name == "note" else "")
    if node.created is not None:
        lines += _fact("created", _date(node.created), width)
    if node.children:
        lines += _fact("base of", some_children(forest, node.children), width)
    return lines


def some_children(forest: Forest, kids: Sequence[int]) -> str:
    """Name what is built on an image: ids with names, as far as people want to know."""
    told = [
        f"{kid} {forest.label(kid)}".rstrip() if forest.images[kid].names else kid
        for kid in kids[:12]
    ]
    more = f" and {len(kids) - 12} more" if len(kids) > 12 else ""
    return ", ".join(map(str, told)) + more


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
        facts[IN_USE] = "\n".join(
            clean(f"{h.pid or ''} {h.command}".strip()) for h in used_by[:5]
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
    digits, hue = max(3, len(str(max(chain, default=0)))), f"hue{subject.hue}"
    track = 6 if width >= 52 else 0
    bars = track + 1 if track else 0
    head = f" {'ID':>{digits}}{'OWN':>8}{'':{bars}}{'HIDES':>8}  NAME / ORIGIN"
    lines: list[Line] = [((head, "faint"),)]
    room = width - digits - 19 - bars
    for at, made_by in known.steps or [(at, "") for at in chain]:
        if at is None:
            columns = f"{'-':>8}{'':{bars}}{'':8}" if width >= 70 else ""
            step = cut(f" {'-':>{digits}}{columns}  {made_by}", width)
            lines.append(((step, "faint"),))
            continue
        own = forest.own(at)
        label = cut(clean(forest.label(at)), room)
        more = _made_by(forest, at, made_by)
        left = room - cell_len(label) - 2
        fits = left >= 8 if width >= 70 else cell_len(more) <= left
        beside = cut(more, left) if fits else ""
        lines.append(
            (
                (f" {at:>{digits}}", "id"),
                (shown_size(own).rjust(8), "" if own.known else "faint"),
                (" " if track else "", ""),
                *(
                    thin_bar(own.bytes / (total.bytes or 1), track, hue)
                    if track
                    else ()
                ),
                *_hides(known, at),
                (f"  {label}", "strong" if at == image else ""),
                (f"  {beside}" if beside else "", "faint"),
            )
        )
        if more and not beside and width < 70:
            indent = " " * (digits + 3)
            lines.append(((cut(f"{indent}{more}", width), "faint"),))
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


def _cut_left(path: str, room: int) -> str:
    """Return the end of a path that is too long: it says more than the beginning."""
    if cell_len(path) <= room:
        return path
    return "…" + path[len(path) - room + 1 :]


def _fact(name: str, value: str, width: int, kind: str = "") -> list[Line]:
    """Format one fact; its value is wrapped to at most five lines."""
    pieces = wrapped(clean(value), max(8, width - KEY - 1))
    lines: list[Line] = []
    for at, piece in enumerate(pieces[:5]):
        cut = "…" if at == 4 and len(pieces) > 5 else ""
        key = name if at == 0 else ""
        lines.append(((f"{key:<{KEY}}", "faint"), (piece + cut, kind)))
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
