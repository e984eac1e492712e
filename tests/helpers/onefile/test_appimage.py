"""What the AppImage specification (type 2) demands of a file."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from tests.helpers.onefile.conftest import Shelf
from tests.helpers.onefile.test_starts import gone, has_fuse, living


def test_the_squashfs_is_where_tools_look_for_it(shelf: Shelf) -> None:
    app = shelf.app()
    data = app.path.read_bytes()
    assert data[8:11] == b"AI\x02"
    offset = int(app("--appimage-offset", check=True).stdout)
    assert data[offset : offset + 4] == b"hsqs"
    sections, size, count = (
        int.from_bytes(data[at : at + n], "little")
        for at, n in ((0x28, 8), (0x3A, 2), (0x3C, 2))
    )
    assert offset == sections + size * count
    listed = subprocess.run(
        ["unsquashfs", "-o", str(offset), "-l", app.path],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "squashfs-root/rootfs/bin/busybox" in listed


def test_it_unpacks_all_or_what_matches(shelf: Shelf) -> None:
    app = shelf.app()
    done = app("--appimage-extract", check=True)
    root = app.path.parent / "squashfs-root"
    assert done.stdout == "squashfs-root\n"
    assert (root / "rootfs/bin/sh").is_symlink()
    unpacked = app.person.run(
        [root / "AppRun", "echo", "hello"], env={"PLASH_APP_WAY": "cache"}
    )
    assert (unpacked.stdout, unpacked.returncode) == ("hello\n", 0), unpacked.stderr
    app.person.run(["rm", "-r", root], check=True)
    app("--appimage-extract", "rootfs/etc/*", check=True)
    found = [str(path.relative_to(root)) for path in root.rglob("*")]
    assert sorted(found) == [
        "rootfs",
        "rootfs/etc",
        "rootfs/etc/group",
        "rootfs/etc/passwd",
    ]


def test_it_is_mounted_for_others_until_it_ends(shelf: Shelf) -> None:
    app = shelf.app()
    if not has_fuse(app):
        pytest.skip("nobody but root may open /dev/fuse here")
    with app.start("--appimage-mount", stdout=subprocess.PIPE) as process:
        assert process.stdout
        place = process.stdout.readline().decode().strip()
        seen = app.person.run(["ls", place, f"{place}/rootfs/bin/busybox"])
        os.kill(min(living(app)), signal.SIGTERM)
        process.wait()
    assert "AppRun" in seen.stdout, seen.stderr
    gone(app)


def test_the_other_words(shelf: Shelf) -> None:
    app = shelf.app()
    assert app("--appimage-version").stdout.startswith("plash-app ")
    assert "--appimage-extract" in app("--appimage-help").stdout
    for word in ("updateinformation", "signature"):
        done = app(f"--appimage-{word}")
        assert (done.stdout, done.returncode) == ("", 0), done.stderr
    wrong = app("--appimage-wrong")
    assert (wrong.stdout, wrong.returncode) == ("", 1)


def test_what_other_tools_fill_in_is_printed(shelf: Shelf) -> None:
    app = shelf.app()
    words = ["readelf", "-SW", str(app.path)]
    table = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    (line,) = (x for x in table.splitlines() if " .upd_info " in x)
    offset = int(line.split("PROGBITS")[1].split()[1], 16)
    data = bytearray(app.path.read_bytes())
    data[offset : offset + 9] = b"zsync|url"
    app.path.write_bytes(data)
    assert app("--appimage-updateinformation").stdout == "zsync|url\n"
