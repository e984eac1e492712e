"""The databases of dpkg, apk, pacman and rpm say the same to us as to their tools."""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import tarfile
from pathlib import Path
from typing import Final

import pytest

from plashui.image.packages.package import Package
from tests.conftest import cannot
from tests.image.packages.directories import found_in, written

STATUS: Final = """\
Package: libc6
Status: install ok installed
Installed-Size: 12986
Architecture: amd64
Multi-Arch: same
Version: 2.36-9
Description: a library
 with a second line
 .
Conffiles:
 /etc/x 0123

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: shell
Status: install ok installed
Architecture: amd64
Version: 1:0.5
"""


def test_dpkg_tells_packages_and_where_their_files_are(tmp_path: Path) -> None:
    info = "var/lib/dpkg/info"
    root = written(
        tmp_path,
        {
            "var/lib/dpkg/status": STATUS,
            f"{info}/libc6:amd64.list": "/.\n/lib\n/lib/libc.so.6\n/bin/sh\n",
            f"{info}/shell.list": "/.\n/bin\n/bin/sh\n",
            f"{info}/gone.list": "/etc/gone\n",
            "var/lib/dpkg/diversions": "/bin/sh\n/bin/sh.distrib\nshell\n",
        },
    )
    assert found_in(root).packages == (
        Package(
            *("dpkg", "libc6", "2.36-9", "amd64"),
            ("lib", "lib/libc.so.6", "bin/sh.distrib"),
        ),
        Package("dpkg", "shell", "1:0.5", "amd64", ("bin", "bin/sh")),
    )


def test_a_distroless_image_has_a_file_for_each_package(tmp_path: Path) -> None:
    place = "var/lib/dpkg/status.d"
    root = written(
        tmp_path,
        {
            f"{place}/base": "Package: base-files\nVersion: 12.4\nArchitecture: all\n",
            f"{place}/base.md5sums": "0123  etc/os-release\n4567  usr/share/a b\n",
            f"{place}/tzdata": "Package: tzdata\nVersion: 2024a\nArchitecture: all\n",
        },
    )
    assert found_in(root).packages == (
        Package(
            *("dpkg", "base-files", "12.4", "all"),
            ("etc/os-release", "usr/share/a b"),
        ),
        Package("dpkg", "tzdata", "2024a", "all"),
    )


INSTALLED: Final = """\
C:Q1p78yvTLG094tHE1+dToJGbmYzQE=
P:alpine-baselayout
V:3.4.3-r1
A:x86_64
S:8911
I:331776
T:Alpine base dir structure and init scripts
D:alpine-baselayout-data=3.4.3-r1 /bin/sh
F:dev
F:etc
M:0:0:755
R:motd
Z:Q1SLkS9hBidUbPwwrw+XR0Whv3ww8=
F:
R:at-the-top
F:lib/firmware

C:Q1A=
P:musl
V:1.2.4-r2
A:x86_64
F:lib
R:ld-musl-x86_64.so.1
a:0:0:755
R:libc.musl-x86_64.so.1
"""


@pytest.mark.parametrize("place", ["lib/apk/db", "usr/lib/apk/db"])
def test_apk_tells_packages_and_their_files(tmp_path: Path, place: str) -> None:
    root = written(tmp_path, {f"{place}/installed": INSTALLED})
    assert found_in(root).packages == (
        Package(
            *("apk", "alpine-baselayout", "3.4.3-r1", "x86_64"),
            ("dev", "etc", "etc/motd", "at-the-top", "lib/firmware"),
        ),
        Package(
            *("apk", "musl", "1.2.4-r2", "x86_64"),
            ("lib", "lib/ld-musl-x86_64.so.1", "lib/libc.musl-x86_64.so.1"),
        ),
    )


def tool(name: str, package: str) -> str:
    """The path of a program that is the peer."""
    found = shutil.which(name)
    if not found:
        cannot(f"{name} is not installed (Debian: {package})")
    return str(found)


def output(*words: object, **options: object) -> str:
    """What a peer prints."""
    done = subprocess.run(
        [*map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        **options,  # type: ignore[call-overload]
    )
    assert done.returncode == 0, (words, done.stderr)
    return str(done.stdout)


def pacman_package(path: Path, name: str, version: str, files: list[str]) -> None:
    """Make a package as makepkg does."""
    info = f"pkgname = {name}\npkgver = {version}\narch = any\nsize = 9\npkgdesc = x\n"
    with tarfile.open(path, "w:gz") as tar:
        for inside, text in {".PKGINFO": info, **dict.fromkeys(files, "text")}.items():
            member = tarfile.TarInfo(inside)
            if inside.endswith("/"):
                member.type, member.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(member)
            else:
                member.size = len(text)
                tar.addfile(member, io.BytesIO(text.encode()))


def test_pacman_is_read_as_pacman_reads_itself(tmp_path: Path) -> None:
    pacman = tool("pacman", "pacman-package-manager")
    root, settings = tmp_path / "root", tmp_path / "pacman.conf"
    (root / "var/lib/pacman").mkdir(parents=True)
    settings.write_text("[options]\nSigLevel = Never\nLocalFileSigLevel = Never\n")
    ours = [pacman, "--config", settings, "--root", root, "--noconfirm"]
    ours += ["--dbpath", root / "var/lib/pacman", "--cachedir", tmp_path / "cache"]
    ours += ["--logfile", tmp_path / "log"]
    for name, version, files in (
        ("first", "1:2.0-1", ["usr/", "usr/bin/", "usr/bin/first", "etc/", "etc/a b"]),
        ("second", "3-2", ["usr/", "usr/lib/", "usr/lib/second"]),
    ):
        made = tmp_path / f"{name}.pkg.tar.gz"
        pacman_package(made, name, version, files)
        as_root = [] if os.geteuid() == 0 else [tool("fakeroot", "fakeroot")]
        output(*as_root, *ours, "--dbonly", "-U", made)
    found = found_in(root).packages
    assert output(*ours, "-Q").split("\n")[:-1] == [
        f"{one.name} {one.version}" for one in found
    ]
    listed = [line.partition(" ") for line in output(*ours, "-Ql").splitlines()]
    expected = [(name, path.removeprefix(str(root))) for name, _, path in listed]
    assert [(one.name, f"/{path}") for one in found for path in one.paths] == [
        (name, path.rstrip("/")) for name, path in expected
    ]


SPEC: Final = """\
Name: {name}
Version: 1.5
Release: 3{epoch}
Summary: a package
License: none
BuildArch: noarch
AutoReqProv: no
%description
x
%install
mkdir -p %{{buildroot}}/usr/bin "%{{buildroot}}/etc/a b"
echo text >%{{buildroot}}/usr/bin/{name}
echo text >"%{{buildroot}}/etc/a b/{name}"
%files
%dir /usr/bin
/usr/bin/{name}
"/etc/a b/{name}"
"""


@pytest.fixture(scope="module")
def rpm_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with two packages in a database that rpm made, none unpacked."""
    rpm, rpmbuild = tool("rpm", "rpm"), tool("rpmbuild", "rpm")
    place = tmp_path_factory.mktemp("rpm")
    database = place / "root/usr/lib/sysimage/rpm"
    database.mkdir(parents=True)
    for name, epoch in (("one", ""), ("two", "\nEpoch: 7")):
        spec = place / f"{name}.spec"
        spec.write_text(SPEC.format(name=name, epoch=epoch))
        top = (
            "--define",
            f"_topdir {place}/{name}",
            "--define",
            "_build_id_links none",
        )
        output(
            rpmbuild,
            "-bb",
            *top,
            spec,
            env={"HOME": str(place), "PATH": "/usr/bin:/bin"},
        )
        made = next((place / name).glob("RPMS/noarch/*.rpm"))
        how = ("--justdb", "--nodeps", "--nosignature", "--noscripts", "--force-debian")
        output(rpm, *BACKEND, "--dbpath", database, "-i", *how, made)
    return place / "root"


BACKEND: Final = ("--define", "_db_backend sqlite")


def test_rpm_is_read_as_rpm_reads_itself(rpm_root: Path) -> None:
    database = rpm_root / "usr/lib/sysimage/rpm"
    ours = [tool("rpm", "rpm"), *BACKEND, "--dbpath", database, "-qa", "--qf"]
    text = output(*ours, "%{NAME} %{EVR} %{ARCH}\n[%{FILENAMES}\n]\n")
    expected = sorted(
        Package("rpm", *head.split(), tuple(path[1:] for path in paths))  # type: ignore[call-arg, arg-type]
        for head, *paths in (part.split("\n") for part in text.strip().split("\n\n"))
    )
    assert [one.name for one in expected] == ["one", "two"]
    assert expected[1].version == "7:1.5-3"
    assert list(found_in(rpm_root).packages) == expected


def test_what_is_only_in_the_wal_of_rpms_database_counts(
    rpm_root: Path, tmp_path: Path
) -> None:
    place = tmp_path / "usr/lib/sysimage/rpm"
    place.mkdir(parents=True)
    live, kept = tmp_path / "live.sqlite", place / "rpmdb.sqlite"
    shutil.copy(rpm_root / "usr/lib/sysimage/rpm/rpmdb.sqlite", live)
    before = found_in(rpm_root).packages
    with sqlite3.connect(live) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA wal_autocheckpoint=0")
        connection.execute("DELETE FROM Packages WHERE rowid = 1")
        connection.commit()
        shutil.copy(live, kept)
        shutil.copy(f"{live}-wal", f"{kept}-wal")
    connection.close()
    after = found_in(tmp_path).packages
    assert len(after) == len(before) - 1
    (place / "rpmdb.sqlite-wal").write_bytes(b"")
    assert found_in(tmp_path).packages == before


@pytest.mark.parametrize(
    ("name", "why"), [("Packages", "Berkeley DB"), ("Packages.db", "ndb")]
)
def test_older_databases_of_rpm_are_told_not_to_be_readable(
    tmp_path: Path, name: str, why: str
) -> None:
    found = found_in(written(tmp_path, {f"var/lib/rpm/{name}": b"\0" * 4096}))
    assert found.packages == ()
    (trouble,) = found.troubles
    assert trouble.startswith("rpm: ")
    assert why in trouble


def test_several_managers_may_have_packages_in_one_image(tmp_path: Path) -> None:
    root = written(
        tmp_path,
        {"lib/apk/db/installed": INSTALLED, "var/lib/dpkg/status": STATUS},
    )
    assert {one.manager for one in found_in(root).packages} == {"apk", "dpkg"}


def test_an_image_without_databases_has_no_packages_and_no_trouble(
    tmp_path: Path,
) -> None:
    assert found_in(tmp_path) == ((), ())
