"""Databases that somebody made to do harm: at worst they are not readable."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plashui.base.errors import PlashError
from plashui.helper.listing import Entry
from plashui.image.packages import apk, dpkg, pacman, reading, rpm
from plashui.image.packages.contents import weighed
from plashui.image.packages.leftovers import KINDS, kind_of
from plashui.image.packages.package import Package
from plashui.image.packages.sqlite_file import blobs
from tests.image.packages.directories import found_in, written

PLACES = [
    *(
        "var/lib/dpkg/status",
        "lib/apk/db/installed",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
    ),
    *("var/lib/pacman/local/x/desc", "var/lib/dpkg/status.d/x"),
]


def looped(path: Path) -> None:
    path.symlink_to(path.name)


def out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 1 << 40)


def directory(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [looped, sparse, directory, pipe])
@pytest.mark.parametrize("place", PLACES)
def test_what_is_not_a_file_of_a_database_is_not_readable(
    tmp_path: Path, place: str, make: Callable[[Path], None]
) -> None:
    (tmp_path / place).parent.mkdir(parents=True)
    make(tmp_path / place)
    found = found_in(tmp_path)
    assert found.packages == ()
    assert len(found.troubles) == 1, found


@pytest.mark.parametrize("place", PLACES)
def test_no_link_leads_out_of_the_image(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(parents=True)
    out(tmp_path / place)
    assert found_in(tmp_path) == ((), ()), "in the image there is no /etc/passwd"
    up = tmp_path / "up"
    written(up / "inner", {"x": ""})
    written(up, {"outside": "Package: outside\nVersion: 1\n"})
    status = up / "inner/var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.symlink_to("../../../../../../outside")
    assert found_in(up / "inner") == ((), ())


def test_a_name_of_a_package_is_not_a_path(tmp_path: Path) -> None:
    status = "Package: ../../../../secret\nVersion: 1\nStatus: install ok installed\n"
    root = written(
        tmp_path, {"var/lib/dpkg/status": status, "secret.list": "/etc/secret\n"}
    )
    (one,) = found_in(root).packages
    assert one.paths == ()


def test_many_large_files_end_at_the_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BUDGET", 1 << 16)
    place = "var/lib/pacman/local"
    text = "%NAME%\nx\n".ljust(1 << 14)
    root = written(tmp_path, {f"{place}/{n}/desc": text for n in range(6)})
    found = found_in(root)
    assert found.packages == ()
    assert "too large" in found.troubles[0]


def database(path: Path, *script: str) -> bytes:
    """A file of SQLite made by these statements."""
    connection = sqlite3.connect(path)
    for words in script:
        connection.execute(words)
    connection.commit()
    connection.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    "script",
    [
        (
            "CREATE VIEW Packages AS WITH RECURSIVE n(blob) AS (SELECT x'00' UNION ALL"
            " SELECT blob FROM n) SELECT blob FROM n",
        ),
        (
            "CREATE TABLE t (x)",
            "CREATE VIEW Packages AS SELECT zeroblob(1000000000) AS blob FROM t",
            "INSERT INTO t VALUES (1)",
        ),
        ("CREATE TABLE other (blob)",),
        ("CREATE TABLE Packages (hnum)",),
    ],
)
def test_a_database_with_a_view_or_without_the_table_is_not_readable(
    tmp_path: Path, script: tuple[str, ...]
) -> None:
    data = database(tmp_path / "rpmdb.sqlite", *script)
    with pytest.raises(PlashError, match="cannot read the database"):
        list(blobs(data, b"", "Packages", "blob"))


def test_values_that_are_no_blobs_are_left_out(tmp_path: Path) -> None:
    data = database(
        tmp_path / "rpmdb.sqlite",
        "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob)",
        "INSERT INTO Packages VALUES (1, 'text'), (2, NULL), (3, x'00'), (4, 7)",
    )
    assert list(blobs(data, b"", "Packages", "blob")) == [b"\0"]


def header(tags: list[tuple[int, int, bytes]]) -> bytes:
    """A header of rpm with these tags, counts and data."""
    index, data = b"", b""
    for tag, count, value in tags:
        index += struct.pack(">IIII", tag, 6, len(data), count)
        data += value
    return struct.pack(">II", len(tags), len(data)) + index + data


GOOD = header(
    [
        (1000, 1, b"name\0"),
        (1001, 1, b"1\0"),
        (1116, 2, struct.pack(">II", 0, 1)),
        (1117, 2, b"a\0b\0"),
        (1118, 2, b"/\0/etc/\0"),
    ]
)


def test_a_header_of_rpm_is_parsed() -> None:
    assert rpm.parse(GOOD) == Package("rpm", "name", "1", "", ("a", "etc/b"))


def test_names_that_would_fill_memory_together_are_left_out() -> None:
    many = 10_000
    blob = header(
        [
            (1000, 1, b"bomb\0"),
            (1116, many, bytes(4 * many)),
            (1117, many, b"x\0" * many),
            (1118, 1, b"/" + b"y" * 1_000_000 + b"\0"),
        ]
    )
    assert rpm.parse(blob) == Package("rpm", "bomb", "", "")


def test_a_count_beyond_the_data_is_refused() -> None:
    for tag in (1116, 1117, 1118):
        blob = header([(1000, 1, b"x\0"), (tag, 0xFFFFFFFF, b"y\0")])
        with pytest.raises(PlashError, match="damaged"):
            rpm.parse(blob)


def changed(data: bytes, edits: list[tuple[int, bytes]]) -> bytes:
    """The data with some pieces overwritten."""
    whole = bytearray(data)
    for at, piece in edits:
        start = at % max(1, len(data))
        whole[start : start + len(piece)] = piece
    return bytes(whole)


EDITS = st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=6)), max_size=8)
LITTLE = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@LITTLE
@given(EDITS)
def test_damaged_headers_of_rpm_are_read_or_refused(
    edits: list[tuple[int, bytes]],
) -> None:
    with suppress(PlashError):
        rpm.parse(changed(GOOD, edits))


@LITTLE
@given(EDITS, EDITS)
def test_damaged_databases_are_read_or_refused(
    tmp_path: Path, edits: list[tuple[int, bytes]], more: list[tuple[int, bytes]]
) -> None:
    path = tmp_path / "rpmdb.sqlite"
    if not path.exists():
        database(
            path, "CREATE TABLE Packages (blob)", "INSERT INTO Packages VALUES ('x')"
        )
    wal = struct.pack(">8I", 0x377F0682, 3007000, 4096, 0, 1, 2, 0, 0)
    wal += struct.pack(">6I", 1, 2, 1, 2, 0, 0) + path.read_bytes()[:4096]
    data = changed(path.read_bytes(), edits)
    with suppress(PlashError):
        list(blobs(data, changed(wal, more), "Packages", "blob"))


TEXT = st.text(alphabet="PVAFR%:/.. \n\taMES#\udcff\0", max_size=80)


@LITTLE
@given(TEXT)
def test_any_text_is_read_as_a_database(text: str) -> None:
    for one in (*apk.parse(text), *apk.parse(f"P:x\n{text}\n\n")):
        assert all(path and not path.startswith("/") for path in one.paths)
    pacman.sections(text)
    list(dpkg.stanzas(f"Package: x\n{text}"))


NAMES = st.sampled_from(["a", "b", "..", ".", "", "lib", "__pycache__"])
PATHS = st.lists(NAMES, min_size=1, max_size=5).map("/".join)


@LITTLE
@given(st.dictionaries(PATHS, PATHS, max_size=8), st.lists(PATHS, max_size=6))
def test_links_in_circles_end_and_no_byte_counts_twice(
    links: dict[str, str], paths: list[str]
) -> None:
    entries = {
        path.strip("/"): Entry(path, "l", 0, 0, 0, 0, 10, 0, target=target)
        for path, target in links.items()
    }
    package = Package("dpkg", "x", "1", "", tuple(paths))
    found = weighed((package,), (), entries)
    assert found.packed[0].bytes + found.loose.bytes == 10 * len(entries)


@LITTLE
@given(TEXT)
def test_any_path_has_a_kind_of_leftovers_or_none(text: str) -> None:
    for path in (text, f"var/lib/apt/lists/{text}", f"usr/share/doc/{text}"):
        assert kind_of(path, {path}) in {"", *KINDS}
