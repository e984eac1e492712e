"""Entries of the trash, removed images and discarded changes, as lines and words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plashui.base.terminal_text import clean
from plashui.base.units import age, plural
from plashui.model.forest import Size
from plashui.operations import restore
from plashui.store.changes import saved_changes
from plashui.store.changes.changes_directory import KEPT
from plashui.store.changes.saved_changes import Kept
from plashui.store.store import Store
from plashui.store.trash import listing
from plashui.store.trash.listing import Trashed
from plashui.ui.model.images.row_cells import UNSAVED, shown_size
from plashui.ui.model.text.lines import Line

Entry = Trashed | Kept
"""Removed images; or changes that were discarded or whose image is gone."""


def is_orphan(entry: Entry) -> bool:
    """Say whether it is unsaved changes whose image is gone: those are not trash."""
    return isinstance(entry, Kept) and entry.place.parent.name == KEPT


def weight(entries: Iterable[Entry]) -> Size:
    """Return the bytes of all entries."""
    sizes = [size_of(entry) for entry in entries]
    return Size(sum(size.bytes for size in sizes), all(size.known for size in sizes))


def size_of(entry: Entry) -> Size:
    """Return the bytes of an entry, as far as known."""
    if isinstance(entry, Trashed):
        return entry.bytes
    return Size(entry.bytes or 0, entry.bytes is not None)


def all_in_trash(store: Store) -> list[Entry]:
    """List the entries of the trash, newest first, with sizes as far as known."""
    found: list[Entry] = [*listing.trashed(store), *saved_changes.discarded(store)]
    return sorted(found, key=lambda entry: -entry.removed)


def removed_before(entries: Iterable[Entry], at: float) -> list[Entry]:
    """Return the entries that are known to have been in the trash at this time."""
    return [e for e in entries if not is_orphan(e) and 0 < e.removed < at]


def orphans(store: Store) -> list[Kept]:
    """List the unsaved changes whose images are gone or in the trash."""
    found = saved_changes.kept(store)
    images = store.read().images if found else {}
    return saved_changes.weighed(
        store, [one for one in found if one.image not in images]
    )


def trash_titles() -> str:
    """Return the titles of the columns."""
    return f" {'ID':>5} {'SIZE':>8}{'REMOVED':>12}  NAME / ORIGIN"


def trash_lines(entries: Sequence[Entry], now: float) -> list[Line]:
    """Format one line per entry: id, bytes, age, label."""
    return [
        _change_line(entry, now) if isinstance(entry, Kept) else _line(entry, now)
        for entry in entries
    ]


def _line(entry: Trashed, now: float) -> Line:
    label = ", ".join(entry.names) or entry.origin
    more = len(entry.ids) - 1
    line = [
        (f" {entry.id:>5} ", "id"),
        (shown_size(entry.bytes).rjust(8), ""),
        (f"{age(now - entry.removed):>8} ago", "faint"),
        (f"  {clean(label)}", "strong" if entry.names else ""),
    ]
    if more:
        line.append((f"  and {plural(more, 'image')} on it", "faint"))
    return line


def _change_line(entry: Kept, now: float) -> Line:
    orphan = is_orphan(entry)
    when = entry.saved if orphan else entry.removed
    what = "unsaved changes" if orphan else "discarded changes"
    return [
        (f" {entry.image:>5} ", "id"),
        (shown_size(size_of(entry)).rjust(8), ""),
        (f"{age(now - when) if when else '?':>8} ago", "faint"),
        (f"  {UNSAVED} {what}", "strong" if orphan else ""),
        ("  its image was removed" if orphan else "", "warn"),
        (f"  {clean(entry.way.origin)}", "faint"),
    ]


def image_of(entry: Entry) -> int:
    """Return the image an entry is, or belongs to."""
    return entry.id if isinstance(entry, Trashed) else entry.image


def word_of(entry: Entry) -> str:
    """Return the name of an entry on the command line."""
    return str(entry.id) if isinstance(entry, Trashed) else entry.name


def newest_in_trash(store: Store) -> tuple[str, ...]:
    """Return what was last removed or discarded, as arguments of `restore`."""
    return tuple(word_of(entry) for entry in all_in_trash(store)[:1])


def restore_words(store: Store, words: Sequence[str]) -> tuple[str, int]:
    """Restore entries by ids and names; return a sentence and an image."""
    images = [int(word) for word in words if not saved_changes.is_name(word)]
    changes = [
        saved_changes.bring_back(store, word)
        for word in words
        if saved_changes.is_name(word)
    ]
    said = [f"Changes of image {one.image} restored" for one in changes]
    if images:
        said.append(restored_sentence(restore.restore_all(store, images)))
    return "; ".join(said), images[0] if images else changes[0].image


def restored_sentence(restored: restore.Restored) -> str:
    """Say what was restored."""
    words = f"{plural(len(restored.ids), 'image')} restored"
    if restored.first:
        words += f", with what they are built on: {', '.join(map(str, restored.first))}"
    if restored.names_lost:
        lost = ", ".join(restored.names_lost)
        words += f"; another image now has the name: {lost}"
    return words
