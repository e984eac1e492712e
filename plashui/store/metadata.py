"""The metadata in a layer's `_meta/`: origin, time, disk use, OCI config."""

from __future__ import annotations

import os
from sys import intern

from plashui.base.light import TYPE_CHECKING
from plashui.base.small_file import (
    PASSABLE,
    make_private,
    read_small,
    time_in,
    write_small,
)
from plashui.model.forest import MOST_BYTES, Image, Usage

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any, Final

META: Final = "_meta"
DATA: Final = "_data"
RECIPE: Final = "recipe"
"""The key in `image.json` of the step of a build that made the image."""
RAW_CONFIG: Final = "config.json"
"""In META: the OCI config of a pulled image as it came; see FORMAT.md."""
BLOBS: Final = "blobs.json"
"""In META: what was made of the layer."""
META_FILES: Final = (
    *("image.json", "usage.json", "run.conf", RAW_CONFIG, "recipe.zlib", "implied"),
    *(BLOBS, "trash.json"),
)
"""All files in META."""

MOST_WISHES: Final = 1 << 20
"""The most bytes of `run.conf` that the helper reads."""
_NO_TEXT: Final = "[\ud800-\udc7f\udd00-\udfff]"
"""Surrogates except those of surrogateescape, which stand for bytes."""
_MOST_WISH: Final = 100_000
"""The most bytes of one string: the kernel limits arguments to 128 KiB."""


def write_json(
    path: str | Path, value: Any, *, durable: bool = True, draft: str = ""
) -> None:
    """Write a JSON file whole or not at all; see write_small."""
    import json

    data = json.dumps(value).encode("ascii")
    write_small(path, [data], durable=durable, draft=draft)


def read_json(path: str | Path) -> dict[str, Any]:
    """Return the JSON object in a file; {} if it is missing, unreadable or invalid.

    Lone surrogates in its strings are replaced, so that every string can be encoded.
    """
    import json

    try:
        data = read_small(path)
        value = json.loads(data.decode())
        if b"\\u" in data:
            value = _text_only(value)
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _text_only(value: Any) -> Any:
    """Replace lone surrogates in all strings, except those of surrogateescape."""
    if isinstance(value, str):
        return value if value.isascii() else _encodable(value)
    if isinstance(value, list):
        return [_text_only(one) for one in value]
    if isinstance(value, dict):
        return {_text_only(key): _text_only(one) for key, one in value.items()}
    return value


def _encodable(text: str) -> str:
    import re  # rarely needed

    return re.sub(_NO_TEXT, "\ufffd", text)


def run_conf(config: object) -> bytes:
    """Convert an OCI config object (`{"config": {"User": …}}`) to `run.conf`.

    The helper does not parse JSON: `run.conf` is `KEY=VALUE` strings that end in NUL.
    The config is foreign; values that do not follow the OCI specification are skipped.
    """
    wishes = config.get("config") if isinstance(config, dict) else None
    if not isinstance(wishes, dict):
        return b""
    volumes = wishes.get("Volumes")
    told: list[tuple[str, Any]] = [
        (key, [wishes.get(key)]) for key in ("User", "Hostname", "WorkingDir")
    ]
    told += [(key, wishes.get(key)) for key in ("Entrypoint", "Cmd", "Env")]
    told += [("Volume", list(volumes) if isinstance(volumes, dict) else [])]
    text = bytearray()
    for key, values in told:
        for value in values if isinstance(values, list) else []:
            line = _wish(key, value)
            if len(text) + len(line) <= MOST_WISHES:
                text += line
    return bytes(text)


def _wish(key: str, value: object) -> bytes:
    """Return `KEY=VALUE` with a NUL; b"" for a value that no program could receive."""
    if not isinstance(value, str) or "\0" in value:
        return b""
    try:
        line = f"{key}={value}".encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return b""
    return line + b"\0" if len(line) <= _MOST_WISH else b""


def write_wishes(meta: Path, config: object) -> None:
    """Write `run.conf` for a new layer from its OCI config.

    The helper writes the other metadata: commit.c.
    """
    make_private(meta, PASSABLE)
    (meta / "run.conf").write_bytes(run_conf(config))


def read_image(node: str, image: int, parent: int) -> Image:
    """Return the image with the layer directory `node`, read from its metadata."""
    notes = read_json(f"{node}/{META}/image.json")
    origin = notes.get("origin")
    return Image(
        image,
        parent,
        origin=intern(origin) if isinstance(origin, str) else "",
        created=created_of(notes.get("created"), f"{node}/{DATA}"),
        own=_usage(read_json(f"{node}/{META}/usage.json")),
        step=RECIPE in notes,
    )


def created_of(written: Any, data: str) -> float | None:
    """Return when a layer was made, as noted, else when its `_data` was."""
    if isinstance(written, str):
        from datetime import datetime

        try:
            return time_in(datetime.fromisoformat(written).timestamp())
        except (ValueError, OverflowError, OSError):
            pass
    try:
        return time_in(os.stat(data).st_mtime)
    except OSError:
        return None


def _usage(value: dict[str, Any]) -> Usage | None:
    numbers = [value.get(field) for field in Usage._fields]
    if any(type(n) is not int or not 0 <= n <= MOST_BYTES for n in numbers):
        return None
    return Usage(*numbers)  # type: ignore[arg-type]
