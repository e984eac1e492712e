"""The files of an image by package, of none, and what of them is left over."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from plashui.helper.listing import Entry
from plashui.image.packages.changes import changes
from plashui.image.packages.contents import NOTHING, Weight, weighed
from plashui.image.packages.known import Installed, Known
from plashui.image.packages.leftovers import kind_of
from plashui.image.packages.package import Package


def entries(*paths: str | Entry) -> dict[str, Entry]:
    """Entries by path: files of 10 bytes, and directories that end in a slash."""
    made = [path if isinstance(path, Entry) else entry(path) for path in paths]
    return {one.name: one for one in made}


def entry(path: str, *, target: str = "", links: int = 0) -> Entry:
    """An entry of 10 bytes."""
    kind = "l" if target else "d" if path.endswith("/") or not path else "-"
    name = path.rstrip("/")
    return Entry(name, kind, 0, 0, 0, 0, 10, 0, target=target, links=links)


def package(name: str, *paths: str) -> Package:
    """A package that says these paths are its own."""
    return Package("dpkg", name, "1", "", paths)


def test_a_file_belongs_to_the_package_that_says_so_through_links_too() -> None:
    there = entries(
        *("", "usr/", "usr/bin/", "usr/bin/ls", "usr/lib/", "usr/lib/x", "other"),
        entry("bin", target="usr/bin"),
        entry("lib", target="/usr/lib"),
    )
    found = weighed((package("a", "bin/ls", "bin"), package("b", "lib/x")), (), there)
    assert found.packed == (Weight(2, 20), Weight(1, 10)), "/bin itself is of the first"
    assert [path for path, _entry in found.loose_entries()] == ["other", "lib"]
    assert found.loose == Weight(2, 20)
    assert found.directories == 40


def test_a_file_that_is_not_there_weighs_nothing() -> None:
    assert weighed((package("a", "gone"),), (), entries("")).packed == (NOTHING,)


def test_of_two_packages_with_one_file_the_first_has_it() -> None:
    both = (package("a", "x"), package("b", "x"))
    assert weighed(both, (), entries("", "x")).packed == (Weight(1, 10), NOTHING)


def test_a_file_with_several_names_counts_once() -> None:
    there = entries("", entry("a", links=5), entry("b", links=5), entry("c", links=6))
    found = weighed((package("p", "a", "b"),), (), there)
    assert (found.packed, found.loose) == ((Weight(1, 10),), Weight(1, 10))


LEFTOVERS = {
    "var/lib/apt/lists/deb.example.org_dists_x_InRelease": "apt-lists",
    "var/lib/apt/lists/partial/x": "apt-lists",
    "var/lib/apt/lists/lock": "",
    "var/cache/apt/pkgcache.bin": "apt-cache",
    "var/cache/apt/archives/x_1_all.deb": "apt-cache",
    "var/cache/apt/archives/lock": "",
    "var/cache/apk/APKINDEX.1.tar.gz": "apk-cache",
    "var/cache/dnf/x/y.solv": "dnf-cache",
    "var/cache/pacman/pkg/x.pkg.tar.zst": "pacman-cache",
    "var/lib/pacman/sync/core.db": "pacman-lists",
    "var/lib/pacman/local/x/desc": "",
    "root/.cache/pip/http/0/1": "pip-cache",
    "home/ada/.cache/pip/x": "pip-cache",
    "srv/root/.cache/pip/x": "",
    "root/.npm/_cacache/index-v5/x": "npm-cache",
    "root/.npm/keep": "",
    "usr/share/doc/x/README": "docs",
    "usr/share/doc/x/copyright": "",
    "usr/share/doc/x/sub/copyright": "",
    "usr/share/doc/x": "",
    "usr/share/man/man1/ls.1.gz": "docs",
    "usr/share/locale/de/LC_MESSAGES/x.mo": "locales",
    "usr/share/locale/en/LC_MESSAGES/x.mo": "",
    "usr/share/locale/en_GB/LC_MESSAGES/x.mo": "",
    "usr/share/locale/locale.alias": "",
    "usr/lib/locale/C.utf8/LC_CTYPE": "",
    "usr/lib/python3/a.pyc": "",
    "etc/passwd": "",
}


@pytest.mark.parametrize("path", LEFTOVERS)
def test_what_is_a_leftover(path: str) -> None:
    assert kind_of(path, {path}) == LEFTOVERS[path]


def test_compiled_python_is_a_leftover_where_its_source_is() -> None:
    source = "usr/lib/python3/a.py"
    compiled = "usr/lib/python3/__pycache__/a.cpython-311.pyc"
    faster = compiled.replace(".pyc", ".opt-1.pyc")
    assert [kind_of(one, {source}) for one in (compiled, faster)] == ["pyc", "pyc"]
    assert kind_of(compiled, ()) == ""
    assert kind_of("__pycache__/a.cpython-311.pyc", {"a.py"}) == "pyc"


def test_leftovers_weigh_beside_the_packages() -> None:
    there = entries("", "usr/share/doc/x/README", "var/lib/apt/lists/x", "y")
    found = weighed((package("x", "usr/share/doc/x/README"),), (), there)
    assert found.leftovers == {"apt-lists": Weight(1, 10), "docs": Weight(1, 10)}
    assert found.packed == (Weight(1, 10),)


def known(*packages: tuple[str, str, str, int]) -> Known:
    """An image with these packages: name, version, architecture, bytes."""
    made = tuple(Installed("rpm", *one[:3], 1, one[3]) for one in packages)
    return Known(made, NOTHING, 0, {})


def told(before: Known, after: Known) -> Iterable[tuple[str, str, int]]:
    """The changes as letter, name and growth."""
    return [(c.letter, c.package.name, c.growth) for c in changes(before, after)]


def test_packages_come_change_and_go() -> None:
    before = known(("a", "1", "x", 5), ("b", "1", "x", 5), ("c", "1", "x", 5))
    after = known(("b", "2", "x", 7), ("c", "1", "x", 9), ("d", "1", "x", 4))
    assert told(before, after) == [("D", "a", -5), ("M", "b", 2), ("A", "d", 4)]
    assert told(after, before) == [("A", "a", 5), ("M", "b", -2), ("D", "d", -4)]
    assert told(before, before) == []


def test_each_version_and_architecture_is_a_package_of_its_own() -> None:
    before = known(("kernel", "1", "x", 5), ("kernel", "2", "x", 6))
    after = known(("kernel", "2", "x", 6), ("kernel", "3", "x", 7))
    assert told(before, after) == [("M", "kernel", 2)]
    both = known(("l", "1", "amd64", 5), ("l", "1", "i386", 5))
    assert told(known(("l", "1", "amd64", 5)), both) == [("A", "l", 5)]
    assert told(known(("l", "1", "all", 5)), known(("l", "2", "amd64", 6))) == [
        ("M", "l", 1)
    ]
