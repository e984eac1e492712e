"""What a layer hides of those below it is hidden by whiteouts, which all programs know.

An opaque directory is one for those alone who read the attribute that marks it.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tests.helpers.conftest import Bench

MARKS = ("user.overlay.opaque", "trusted.overlay.opaque")


def marked(top: Path) -> list[str]:
    """The directories of a layer that have the mark of an opaque one."""
    return [
        place
        for place, _dirs, _files in os.walk(top)
        if set(MARKS) & set(os.listxattr(place))
    ]


def whiteouts(top: Path) -> list[str]:
    """The whiteouts of a layer."""
    found = [path for path in top.rglob("*") if stat.S_ISCHR(path.lstat().st_mode)]
    assert all(path.lstat().st_rdev == 0 for path in found)
    return sorted(str(path.relative_to(top)) for path in found)


def tree(plash: Bench, image: str, place: str) -> list[str]:
    """The files of a directory of an image."""
    script = f"cd {place} && find . -type f | sort"
    return plash("run", image, "sh", "-c", script, check=True).stdout.split()


BELOW = "mkdir -p d/both/in d/gone d/was-file; echo 1 >d/f; echo 1 >d/both/f"
BELOW += "; echo 1 >d/both/in/f; echo 1 >d/gone/f; echo 1 >d/file"


def test_a_directory_made_anew_hides_the_old_one_by_whiteouts(
    plash: Bench, image: str
) -> None:
    below = plash.layer(BELOW, image)
    script = "rm -r /d; mkdir -p /d/both/in /d/new; echo 2 >/d/both/in/f"
    script += "; echo 2 >/d/gone; mkdir /d/file; echo 2 >/d/file/f; touch -d @9 /d"
    made = plash.build(below, "sh", "-c", script)
    layer = plash.content(made)
    assert marked(layer) == []
    assert whiteouts(layer) == ["d/both/f", "d/f", "d/was-file"]
    assert tree(plash, made, "/d") == ["./both/in/f", "./file/f", "./gone"]
    assert (layer / "d").stat().st_mtime == 9
    # Once more, on top of whiteouts.
    again = plash.build(made, "sh", "-c", "rm -r /d; mkdir -p /d/both; echo 3 >/d/f")
    assert marked(plash.content(again)) == []
    assert whiteouts(plash.content(again)) == ["d/both/in", "d/file", "d/gone", "d/new"]
    assert tree(plash, again, "/d") == ["./f"]


def test_a_file_that_became_a_directory(plash: Bench, image: str) -> None:
    below = plash.layer("mkdir x; echo 1 >x/a; echo 1 >f", image)
    file = plash.build(below, "sh", "-c", "rm -r /x; echo 2 >/x")
    made = plash.build(file, "sh", "-c", "rm /x /f; mkdir /x /f; echo 3 >/x/b")
    assert marked(plash.content(made)) == []
    assert whiteouts(plash.content(made)) == []
    assert tree(plash, made, "/x") == ["./b"]


def test_new_directories_carry_no_mark(plash: Bench, image: str) -> None:
    made = plash.build(image, "sh", "-c", "mkdir -p /var/lib/new/er; touch /var/lib/f")
    assert marked(plash.content(made)) == []
    assert whiteouts(plash.content(made)) == []


def test_a_layer_stacked_on_another_image_hides_what_that_has(
    plash: Bench, image: str
) -> None:
    below = plash.layer(BELOW, image)
    place = Path(plash("mkdtemp", check=True).stdout.strip())
    script = "rm -r /d; mkdir /d; echo 2 >/d/g"
    plash("run:persist", below, place, "sh", "-c", script, check=True)
    other = plash.layer("mkdir d; echo 1 >d/other", below)
    made = plash("stack", other, place / "data", check=True).stdout.strip()
    assert marked(plash.content(made)) == []
    assert tree(plash, made, "/d") == ["./g"]
