"""What the key of a command is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plashui.base.errors import PlashError
from plashui.recipes.key_parts import parts_of
from plashui.recipes.plan import At, Context, Mount, Part, Run
from plashui.store.store import Store

NOWHERE = Store(Path("/nowhere"))


def parts(*mounts: Mount, **more: Any) -> tuple[Part, ...]:
    step = Run(At("f", 3), "RUN x", ("sh", "-c", "x"), mounts=mounts, **more)
    return parts_of(NOWHERE, step, {})


def test_a_proxy_is_no_part_of_a_key() -> None:
    proxy = (("http_proxy", "http://me:swordfish@proxy.example.org"),)
    assert parts(unkeyed=proxy) == parts()
    assert parts(environment=proxy) != parts()


def test_what_is_mounted_of_the_context_is_a_part(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    mount = Mount("bind", "/m", Context(str(tmp_path)), "d")
    before = parts(mount)
    assert parts(mount) == before
    (tmp_path / "d/f").write_text("x")
    assert parts(mount) != before


def test_nothing_outside_of_the_context_is_read_for_a_key(tmp_path: Path) -> None:
    place = tmp_path / "context"
    place.mkdir()
    (tmp_path / "secret").write_text("secret")
    (place / "out").symlink_to("../secret")
    for word in ("out", "../secret"):
        with pytest.raises(PlashError, match=r"f, line 3: .*leads out of"):
            parts(Mount("bind", "/m", Context(str(place)), word))


def test_a_secret_counts_by_its_name_alone(tmp_path: Path) -> None:
    one = Mount("secret", "/s", path=str(tmp_path / "one"), name="s")
    assert parts(one) == parts(one._replace(path=str(tmp_path / "other")))
    assert parts(one) != parts(one._replace(name="t"))
