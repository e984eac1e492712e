"""pin: what is pinned is shown, and goes only if somebody insists."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conftest import Verb
from tests.tools import images
from tests.verbs.conftest import Run


def test_a_pin_is_set_listed_shown_and_taken_off(
    plash: Verb, plashui: Run, image: str
) -> None:
    plashui("map", "my box", image)
    child = plashui("build", image, "touch", "/x").stdout.strip()
    assert plashui("pin").stdout == ""
    done = plash("pin", "my box", child)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert plashui("pin").stdout == f"{image}\n{child}\n"
    rows = {row["id"]: row for row in json.loads(plashui("ls", "--json").stdout)}
    assert rows[int(image)]["pinned"] is rows[int(child)]["pinned"] is True
    assert plashui("ls").stdout.count("[pinned]") == 2
    assert "pinned        yes" in plashui("show", child).stdout
    assert json.loads(plashui("show", child, "--json").stdout)["pinned"] is True
    assert plashui("pin", "--off", "my box").returncode == 0
    assert plashui("pin").stdout == f"{child}\n"
    assert "pinned" not in plashui("show", image).stdout


def test_what_is_no_image_cannot_be_pinned(plashui: Run, image: str) -> None:
    for words in (["99"], [image, "nobody"], ["--off", "99"], ["--off"]):
        done = plashui("pin", *words)
        assert done.returncode == 1, words
        assert "plash error: " in done.stderr
    assert plashui("pin").stdout == "", "all or nothing"


def test_a_pinned_image_is_removed_only_by_force_and_comes_back_pinned(
    plashui: Run, store: Path, image: str
) -> None:
    child = plashui("build", image, "touch", "/x").stdout.strip()
    plashui("pin", child)
    for words in ([child], ["--trash", child], [image]):
        done = plashui("rm", *words)
        assert done.returncode == 1
        assert f"image {child} is pinned" in done.stderr
        assert f"`plash pin --off {child}`, or --force" in done.stderr
    assert images(store) == [int(image), int(child)]
    assert plashui("rm", "--trash", "--force", child).returncode == 0
    assert plashui("pin").stdout == ""
    assert plashui("clean").returncode == 0, "which keeps the pins of the trash"
    assert plashui("restore", child).returncode == 0
    assert plashui("pin").stdout == f"{child}\n"
    assert plashui("rm", "--force", child).returncode == 0
    assert list(store.glob("layer/0/_meta/*/*[0-9]")) == [
        store / f"layer/0/_meta/used/{image}"
    ], "a mark goes for good with its image"
