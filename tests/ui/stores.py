"""Stores for the app's tests, made by hand to the format and counted already."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from plashui.store.store import Store

MB = 1_000_000


class Layer(NamedTuple):
    """One image to make."""

    id: int
    parent: int
    origin: str = ""
    name: str = ""
    megabytes: float = 0.0
    step: bool = False
    """Whether a step of a build has made it."""


BUILT = (
    Layer(1, 0, "debian-12.tar", "debian", 162),
    Layer(2, 1, "RUN apt-get install -y nginx", "", 48, step=True),
    Layer(3, 2, "COPY . /srv", "", 2, step=True),
    Layer(4, 3, 'CMD ["nginx"]', "site", 0, step=True),
    Layer(5, 4, "shell", "", 30),
    Layer(6, 1, "RUN apt-get install -y make", "", 60, step=True),
    Layer(7, 6, "RUN make -C /src", "tool", 12, step=True),
)
"""The builds `site` and `tool` on debian, and a shell in the first."""

CHAINED = (
    Layer(1, 0, "debian-12.tar", "debian", 162),
    Layer(2, 1, "one", "", 10),
    Layer(3, 2, "two", "", 20),
    Layer(4, 3, "three", "", 30),
    Layer(5, 4, "four", "", 40),
    Layer(6, 5, "five", "", 50),
    Layer(7, 6, "six", "", 60),
    Layer(8, 0, "alpine-3.20.tar", "alpine", 8),
    Layer(9, 8, "seven", "", 7),
    Layer(10, 9, "eight", "", 8),
)
"""A chain of six images without names on debian, and one of two on alpine."""

SAMPLE = (
    Layer(1, 0, "debian-12.tar", "debian", 162),
    Layer(2, 1, "apt install git", "", 48),
    Layer(17, 2, "shell", "debian-dev", 30),
    Layer(5, 1, "apt install gcc", "", 410),
    Layer(6, 5, "make install", "toolchain", 1190),
    Layer(9, 0, "alpine-3.20.tar", "alpine", 8),
    Layer(12, 9, "apk add python3", "py", 41),
)

HOSTILE = (
    Layer(
        1, 0, "a\x1b[31mred\x1b[0m [bold]not markup[/bold] [/]", "esc\x1b]0;x\x07", 1
    ),
    Layer(2, 1, "two\nlines\rand\ttabs", "new\nline", 2),
    Layer(3, 1, "bidi \u202egnp.exe\u2066 zero\u200bwidth", "rtl\u202eeman", 3),
    Layer(4, 3, "broken \udcff\udcfe utf-8", "bad\udcff", 4),
    Layer(5, 0, "[@click=app.bell]click[/] $(reboot) `id`", "[red]", 5),
    Layer(6, 5, "wide 日本語 e\u0301\u0302\u0303\u0304\u0305 end", "日本", 6),
    Layer(7, 5, "x" * 500, "y" * 200, 7),
)

HOSTILE_TOO = tuple(
    layer._replace(id=layer.id + 20, parent=layer.parent and layer.parent + 20)
    for layer in HOSTILE
)
"""The same beside SAMPLE."""


CHAINED_TOO = tuple(
    layer._replace(
        id=layer.id + 40 + 20 * at,
        parent=layer.parent and layer.parent + 40 + 20 * at,
        name=layer.name and f"{layer.name}-{at}",
    )
    for at, layers in enumerate((CHAINED, BUILT))
    for layer in layers
)
"""The chains and builds beside both."""


def make(path: Path, layers: Iterable[Layer], created: str) -> Store:
    """A store of these layers, made at that time (ISO 8601), each with one file."""
    for name in ("index", "map", "tmp", "mnt", "layer/0/_data/root"):
        (path / name).mkdir(parents=True)
    (path / "index/0").symlink_to("../layer/0")
    where = {0: "layer/0"}
    for layer in layers:
        where[layer.id] = place = f"{where[layer.parent]}/{layer.id}"
        root = path / place / "_data/root"
        root.mkdir(parents=True)
        (root / "file").write_text(str(layer.id))
        size = int(layer.megabytes * MB)
        meta = path / place / "_meta"
        meta.mkdir()
        recipe: dict[str, object] = {"recipe": {}} if layer.step else {}
        image = {"origin": layer.origin, "created": created, **recipe}
        (meta / "image.json").write_text(json.dumps(image))
        usage = {"allocated": size, "apparent": size, "files": 3}
        (meta / "usage.json").write_text(json.dumps(usage))
        (path / f"index/{layer.id}").symlink_to(f"../{place}")
        if layer.name:
            (path / f"map/{layer.name}").symlink_to(f"../{place}")
    (path / "id_counter").write_bytes(b"." * max(where))
    return Store(path)
