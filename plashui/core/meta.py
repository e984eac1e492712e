"""What is known of a layer: its `_meta/` files, and a cache of them per user.

A layer never changes once it has an id, and an id is never given out twice. So what
was read or counted once is kept for ever, in the user's cache directory: reading a
store changes nothing in it, and one file answers for ten thousand layers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from plashui.core.forest import EMPTY_IMAGE, Usage

META: Final = "_meta"
DATA: Final = "_data"
_FORMAT: Final = 1


class Facts(NamedTuple):
    """What is known of one layer; `created` in seconds since the epoch."""

    created: float | None
    origin: str
    own: Usage | None


def write_json(path: str | Path, value: Any, *, durable: bool = True) -> None:
    """Write beside, flush to the disk (if `durable`), rename: whole or not at all."""
    beside = f"{path}.{os.getpid()}.new"
    try:
        with open(beside, "w", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
            json.dump(value, file, ensure_ascii=True)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.rename(beside, path)  # noqa: PTH104
    except OSError:
        Path(beside).unlink(missing_ok=True)
        raise


def read_json(path: str | Path) -> dict[str, Any]:
    """The object in a file; empty if it is missing, unreadable or something else."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            value = json.loads(file.read())
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def write_birth(
    meta: Path, origin: str, *, usage: Usage | None = None, **more: Any
) -> None:
    """Write `image.json` and `usage.json` of a layer about to be born."""
    meta.mkdir(exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(meta / "image.json", {"origin": origin, "created": now, **more})
    if usage is not None:
        write_json(meta / "usage.json", usage._asdict())


def read_facts(node: str) -> Facts:
    """Facts of the layer whose directory is `node`, from its own files."""
    image = read_json(f"{node}/{META}/image.json")
    origin = image.get("origin")
    return Facts(
        _created(image.get("created"), f"{node}/{DATA}"),
        origin if isinstance(origin, str) else "",
        _usage(read_json(f"{node}/{META}/usage.json")),
    )


def _created(written: Any, data: str) -> float | None:
    if isinstance(written, str):
        try:
            return datetime.fromisoformat(written).timestamp()
        except (ValueError, OverflowError, OSError):
            pass
    try:
        return os.stat(data).st_mtime  # noqa: PTH116
    except OSError:
        return None


def _usage(value: dict[str, Any]) -> Usage | None:
    numbers = [value.get(field) for field in Usage._fields]
    if any(type(n) is not int or n < 0 for n in numbers):
        return None
    return Usage(*numbers)  # type: ignore[arg-type]


class Cache:
    """Facts of one store's layers, kept in the user's cache directory."""

    def __init__(self, store: Path) -> None:
        """Bind to the store at this path as it is now."""
        self.path = _cache_file(store)

    def read(self) -> dict[int, Facts]:
        """All that is kept; empty where nothing is or it is damaged."""
        if self.path is None:
            return {}
        value = read_json(self.path)
        if value.get("format") != _FORMAT or not isinstance(value.get("images"), dict):
            return {}
        try:
            return {
                int(image): Facts(created, origin, Usage(*own) if own else None)
                for image, (created, origin, own) in value["images"].items()
            }
        except (TypeError, ValueError):
            return {}

    def add(self, facts: Mapping[int, Facts]) -> None:
        """Keep these too. A cache that cannot be written is only a slower one."""
        if self.path is None or not facts:
            return
        kept = {**self.read(), **facts}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            images = {str(image): fact for image, fact in kept.items()}
            write_json(self.path, {"format": _FORMAT, "images": images}, durable=False)
        except OSError:
            return


def _cache_file(store: Path) -> Path | None:
    """One file a store; a store made anew in the same place is another store."""
    try:
        made = (store / "layer" / str(EMPTY_IMAGE) / DATA).stat()
    except OSError:
        return None
    home = os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()
    identity = f"{made.st_dev:x}-{made.st_ino:x}-{made.st_ctime_ns:x}"
    return Path(home) / "plashui" / f"facts-{identity}.json"
