"""pull:file of a squashfs, and of an AppImage that is not ours."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests import trees
from tests.conftest import cannot
from tests.people import Person
from tests.tools import images, leftovers
from tests.verbs.conftest import Run
from tests.verbs.pulls.test_pull_file import look_into
from tests.verbs.pushes.test_push import rich  # noqa: F401 - a fixture
from tests.verbs.pushes.test_push_squashfs import MADE, as_squashed


@pytest.fixture(autouse=True)
def tools() -> None:
    """They are all in squashfs-tools."""
    if not shutil.which("mksquashfs"):
        cannot("squashfs-tools is not installed")


def test_what_was_pushed_as_a_squashfs_comes_back(
    plashui: Run,
    person: Person,
    store: Path,
    playground: Path,
    rich: str,  # noqa: F811
) -> None:
    expected = as_squashed(look_into(person, store, rich))
    file = playground / "x.sqsh"
    assert plashui("push:squashfs", "--compress", "lz4", rich, file).returncode == 0
    done = plashui("pull:file", file, "--name", "back")
    assert done.returncode == 0, done.stderr
    found = as_squashed(look_into(person, store, "back"))
    for path in MADE:
        found.pop(path)
    for path, row in expected.items():
        assert found[path] == row, path
    assert found.keys() == expected.keys()
    assert leftovers(store) == []
    file.unlink()


def test_a_damaged_one_makes_no_image(
    plashui: Run, store: Path, playground: Path, image: str
) -> None:
    file = playground / "x.sqsh"
    assert plashui("push:squashfs", image, file).returncode == 0
    before = images(store)
    data = file.read_bytes()
    for cut in (len(data) // 2, 50_000, 100):
        file.write_bytes(data[:cut])
        done = plashui("pull:file", file)
        assert (done.returncode, done.stdout) == (1, "")
        assert "cannot read the squashfs: the end is missing" in done.stderr
    whole = bytearray(data)
    whole[-3_000:] = bytes(3_000)  # the tables; data has no checksums
    file.write_bytes(whole)
    done = plashui("pull:file", file)
    assert "plash error: cannot read the squashfs: it is damaged" in done.stderr
    assert (done.returncode, images(store)) == (1, before)
    assert leftovers(store) == []
    file.unlink()


def test_another_appimage_gives_its_files(
    plashui: Run, person: Person, store: Path, playground: Path
) -> None:
    """An ELF program with `AI` and 2 in it, and a squashfs at its end."""
    directory = playground / "AppDir"
    directory.mkdir()
    (directory / "AppRun").write_text("#!/bin/sh\n")
    squashfs, file = playground / "x.sqsh", playground / "x.AppImage"
    words = ["mksquashfs", str(directory), str(squashfs), "-quiet", "-no-progress"]
    subprocess.run(words, check=True, capture_output=True)
    head = bytearray(Path("/bin/true").read_bytes()[:64])
    head[8:11] = b"AI\x02"
    head[0x28:0x30] = (64).to_bytes(8, "little")
    head[0x3A:0x3E] = (0).to_bytes(4, "little")
    file.write_bytes(bytes(head) + squashfs.read_bytes())
    done = plashui("pull:file", file)
    assert done.returncode == 0
    assert "an AppImage of a program, without a root filesystem" in done.stderr
    seen = trees.look_into(person, store, done.stdout.strip())
    assert seen.keys() >= {"./AppRun"}
