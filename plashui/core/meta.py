"""What is known of a layer: its `_meta/` files, and a cache of them per user.

A layer never changes once it has an id, and an id is never given out twice. So what
was read or counted once is kept for ever, in the user's cache directory: reading a
store changes nothing in it, and one file answers for ten thousand layers.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from plashui.core.forest import EMPTY_IMAGE, Usage

META: Final = "_meta"
DATA: Final = "_data"
_FORMAT: Final = 2


class Facts(NamedTuple):
    """What is known of one layer; `created` in seconds since the epoch."""

    parent: int
    created: float | None
    origin: str
    own: Usage | None


def write_json(path: str | Path, value: Any, *, durable: bool = True) -> None:
    """Write beside, flush to the disk (if `durable`), rename: whole or not at all."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:
            json.dump(value, file, ensure_ascii=True)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.rename(beside, path)
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def read_json(path: str | Path) -> dict[str, Any]:
    """The object in a file; empty if it is missing, unreadable or something else."""
    try:
        with open(path, "rb") as file:
            value = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write_birth(
    meta: Path, origin: str, *, usage: Usage | None = None, **more: Any
) -> None:
    """Write `image.json` and `usage.json` of a layer about to be born."""
    from datetime import UTC, datetime

    meta.mkdir(exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(meta / "image.json", {"origin": origin, "created": now, **more})
    if usage is not None:
        write_json(meta / "usage.json", usage._asdict())


def read_facts(node: str, parent: int) -> Facts:
    """Facts of the layer whose directory is `node`, from its own files."""
    image = read_json(f"{node}/{META}/image.json")
    origin = image.get("origin")
    return Facts(
        parent,
        _created(image.get("created"), f"{node}/{DATA}"),
        origin if isinstance(origin, str) else "",
        _usage(read_json(f"{node}/{META}/usage.json")),
    )


def _created(written: Any, data: str) -> float | None:
    if isinstance(written, str):
        from datetime import datetime

        try:
            return datetime.fromisoformat(written).timestamp()
        except (ValueError, OverflowError, OSError):
            pass
    try:
        return os.stat(data).st_mtime
    except OSError:
        return None


def _usage(value: dict[str, Any]) -> Usage | None:
    numbers = [value.get(field) for field in Usage._fields]
    if any(type(n) is not int or n < 0 for n in numbers):
        return None
    return Usage(*numbers)  # type: ignore[arg-type]


class Cache:
    """What one store's layers were found to be, kept in the user's cache directory.

    `facts` are for ever. `seen` says, for the directory of a layer, when it last
    changed (nanoseconds) at the time all its children in `facts` were there: while
    that is so, they still are. In columns, because they are read much faster.
    """

    def __init__(self, store: Path) -> None:
        """Read what is kept of the store at this path; nothing if it is damaged."""
        self.path = _cache_file(store)
        self.facts: dict[int, Facts] = {}
        self.seen: dict[int, int] = {}
        kept = read_json(self.path) if self.path is not None else {}
        if kept.get("format") == _FORMAT:
            with contextlib.suppress(KeyError, TypeError, ValueError):
                self.facts = _from_columns(kept["facts"])
                self.seen = dict(zip(*kept["seen"], strict=True))

    def add(
        self, facts: Mapping[int, Facts], seen: Mapping[int, int] | None = None
    ) -> None:
        """Keep these too. A cache that cannot be written is only a slower one."""
        if self.path is None or not (facts or seen):
            return
        self.facts.update(facts)
        self.seen.update(seen or {})
        value = {
            "format": _FORMAT,
            "facts": _to_columns(self.facts),
            "seen": [list(self.seen), list(self.seen.values())],
        }
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            write_json(self.path, value, durable=False)
        except OSError:
            return


def _to_columns(facts: Mapping[int, Facts]) -> dict[str, list[Any]]:
    none = Usage(-1, -1, -1)
    usages = [fact.own or none for fact in facts.values()]
    return {
        "id": list(facts),
        "parent": [fact.parent for fact in facts.values()],
        "created": [fact.created for fact in facts.values()],
        "origin": [fact.origin for fact in facts.values()],
        **{f: [getattr(u, f) for u in usages] for f in Usage._fields},
    }


def _from_columns(columns: dict[str, list[Any]]) -> dict[int, Facts]:
    counted = zip(*(columns[field] for field in Usage._fields), strict=True)
    usages: list[Usage | None] = list(map(Usage._make, counted))
    if -1 in columns["allocated"]:
        usages = [usage if usage and usage[0] >= 0 else None for usage in usages]
    rows = zip(
        columns["parent"], columns["created"], columns["origin"], usages, strict=True
    )
    return dict(zip(columns["id"], map(Facts._make, rows), strict=True))


def _cache_file(store: Path) -> Path | None:
    """One file a store; a store made anew in the same place is another store."""
    try:
        made = (store / "layer" / str(EMPTY_IMAGE) / DATA).stat()
    except OSError:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    identity = f"{made.st_dev:x}-{made.st_ino:x}-{made.st_ctime_ns:x}"
    return Path(home) / "plashui" / f"facts-{identity}.json"
