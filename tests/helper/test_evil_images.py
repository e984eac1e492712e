"""An image is a stranger's: whatever its links say, the host stays as it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.helper.conftest import Bench
from tests.tools import leftovers

PLACES = ["tmp", "home", "root", "sys", "dev", "proc", "mnt", "etc"]


def fingerprint(directory: Path) -> str:
    """Every name, mode, owner, time and byte beneath a directory."""
    digest = hashlib.sha256()
    for path in [directory, *sorted(directory.rglob("*"))]:
        facts = path.lstat()
        digest.update(os.fsencode(path))
        digest.update(
            repr(
                (facts.st_mode, facts.st_uid, facts.st_gid, facts.st_mtime_ns)
            ).encode()
        )
        if path.is_symlink():
            digest.update(os.fsencode(path.readlink()))
        elif path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


@pytest.fixture
def canary(plash: Bench) -> Path:
    """A directory of the person's on the host, with what an attacker would like."""
    path = plash.person.home / "canary"
    script = 'mkdir -p "$0/tmp" && echo mine >"$0/resolv.conf" && echo x >"$0/passwd"'
    plash.person.run(["sh", "-c", script, path], check=True)
    return path


def evil(plash: Bench, image: str, script: str) -> str:
    """A child image with what the script makes."""
    return plash.layer(script, image)


def check_run_and_build(plash: Bench, image: str, canary: Path) -> None:
    """Both work, or fail with one line; the host is as it was, nothing is left."""
    before = fingerprint(canary)
    for words in (
        ["run", image, "/bin/true"],
        ["run", "-l", image, "/bin/true"],
        ["run:persist", "--build", image, plash.work("w"), "/bin/true"],
    ):
        done = plash(*words)
        assert fingerprint(canary) == before
        assert done.returncode == 0 or (
            done.stderr.startswith("plash error: ") and done.stderr.count("\n") == 1
        ), done.stderr
    assert leftovers(plash.store) == ["w"]
    made = {p.name for p in (plash.store / "tmp/w/data").iterdir()}
    assert made <= {"etc"}


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_links_to_the_host(
    plash: Bench, image: str, canary: Path, place: str
) -> None:
    link = f'rm -rf {place}; ln -s "{canary}" {place}'
    check_run_and_build(plash, evil(plash, image, link), canary)


@pytest.mark.parametrize("place", PLACES)
def test_a_place_that_links_out_by_dots(
    plash: Bench, image: str, canary: Path, place: str
) -> None:
    link = f'ln -s "../../../../../../../../..{canary}" {place}'
    check_run_and_build(plash, evil(plash, image, link), canary)


@pytest.mark.parametrize(
    "kind",
    [
        ": >{}",
        "ln -s nowhere {}",
        "ln -s {0} {0}",
        "ln -s . {}",
        "mkfifo {}",
        "mkdir -m 0 {}",
    ],
)
def test_places_of_the_wrong_kind(
    plash: Bench, image: str, canary: Path, kind: str
) -> None:
    for places in (PLACES[::2], PLACES[1::2]):
        script = "; ".join(kind.format(place, place) for place in places)
        check_run_and_build(plash, evil(plash, image, script), canary)


def test_all_places_are_files_and_the_command_runs_all_the_same(
    plash: Bench, image: str, canary: Path
) -> None:
    script = "; ".join(f": >{place}" for place in PLACES)
    done = plash("run", evil(plash, image, script), "/bin/echo", "here")
    assert (done.stdout, done.returncode) == ("here\n", 0), done.stderr
    assert canary.is_dir()


@pytest.mark.parametrize("name", ["etc/resolv.conf", "etc/passwd", "etc/environment"])
@pytest.mark.parametrize("kind", ["ln -s {}/resolv.conf {}", "mkdir {1}", "mkfifo {1}"])
def test_files_that_are_read_are_no_way_out(
    plash: Bench, image: str, canary: Path, name: str, kind: str
) -> None:
    script = "mkdir -p etc; " + kind.format(canary, name)
    check_run_and_build(plash, evil(plash, image, script), canary)


def test_a_path_from_the_hosts_file_is_not_believed(
    plash: Bench, image: str, canary: Path
) -> None:
    """Links are followed in the image before the host's home is there."""
    plash.person.run(["sh", "-c", 'echo PATH=/host >"$0/environment"', canary])
    link = f'mkdir etc; ln -s "{canary}/environment" etc/environment'
    done = plash("run", evil(plash, image, link), "/bin/sh", "-c", "echo $PATH")
    assert "/host" not in done.stdout


def test_a_missing_place_is_not_made_in_the_image(plash: Bench, image: str) -> None:
    before = fingerprint(plash.content(image))
    plash("run", image, "/bin/true", check=True)
    assert fingerprint(plash.content(image)) == before
