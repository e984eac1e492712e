"""The notes a layer carries in its `_meta/`: how it came to be, and its disk use."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from plashui.core.forest import Image, Usage

if TYPE_CHECKING:
    from pathlib import Path

META: Final = "_meta"
DATA: Final = "_data"


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
        with suppress(OSError):
            os.unlink(beside)
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
    """Write `image.json` and `usage.json` of a layer about to be born.

    Being born flushes the whole file system, so these need no flush of their own.
    """
    from datetime import UTC, datetime

    meta.mkdir(exist_ok=True)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    write_json(
        meta / "image.json", {"origin": origin, "created": now, **more}, durable=False
    )
    if usage is not None:
        write_json(meta / "usage.json", usage._asdict(), durable=False)


def read_image(node: str, image: int, parent: int) -> Image:
    """The image whose layer's directory is `node`, from that layer's own notes."""
    notes = read_json(f"{node}/{META}/image.json")
    origin = notes.get("origin")
    return Image(
        image,
        parent,
        origin=origin if isinstance(origin, str) else "",
        created=_created(notes.get("created"), f"{node}/{DATA}"),
        own=_usage(read_json(f"{node}/{META}/usage.json")),
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
