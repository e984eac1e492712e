"""An image is a stranger's: whatever its links say, the host stays as it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench
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
    """All work, or fail with one line; the host is as it was, nothing is left."""
    before = fingerprint(canary)
    for words in (
        ["run", image, "/bin/true"],
        ["run", "-l", image, "/bin/true"],
        ["run", "--isolate", "--net", "--rw", image, "/bin/true"],
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


ISOLATED = ["dev", "proc", "sys", "tmp", "run", "etc/resolv.conf", "etc/hosts"]
KINDS = [
    "ln -s {canary} {}",
    "ln -s ../../../../../../../../..{canary} {}",
    "ln -s {canary}/passwd {}",
    "ln -s /proc/1/root{canary} {}",
    "ln -s /proc/self/cwd/../..{canary} {}",
    "ln -s nowhere {}",
    "ln -s /{} {}",
    "ln -s . {}",
    ": >{}",
    "mkfifo {}",
    "mkdir -m 0 {}",
    "mkdir {}; : >{}/x",
]


@pytest.mark.parametrize("kind", KINDS)
def test_an_isolated_image_has_its_places_whatever_is_there(
    plash: Bench, image: str, canary: Path, kind: str
) -> None:
    makes = [kind.replace("{canary}", str(canary)).replace("{}", p) for p in ISOLATED]
    child = evil(plash, image, f"mkdir -p etc; {'; '.join(makes)}")
    before = fingerprint(canary)
    script = (
        "for d in tmp run; do echo x >/$d/made && cat /$d/made; done;"
        " echo y >/dev/null; test -c /dev/null && test -d /proc/self && echo ok"
    )
    for options in (["--rw"], ["--net"]):
        done = plash("run", "--isolate", *options, child, "/bin/sh", "-c", script)
        if kind == KINDS[-1] and "--net" in options:
            assert "make a place in the image at /etc/resolv.conf" in done.stderr
            continue
        assert (done.stdout, done.stderr) == ("x\nx\nok\n", "")
    assert fingerprint(canary) == before
    assert leftovers(plash.store) == []


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize("inner", ["", "/deep", "/passwd"])
def test_a_volumes_place_that_leads_to_the_host(
    plash: Bench, image: str, canary: Path, kind: str, inner: str
) -> None:
    make = kind.replace("{canary}", str(canary)).replace("{}", "v")
    child = evil(plash, image, make)
    before = fingerprint(canary)
    shared = canary / "tmp"
    options = ["-v", f"{shared}:/v{inner}:ro", "-v", f"{shared}:/x:ro", "-w", "/v"]
    done = plash("run", "--isolate", "--rw", *options, child, "/bin/true")
    assert done.returncode == 0 or (
        done.stderr.startswith("plash error: ") and done.stderr.count("\n") == 1
    ), done.stderr
    assert fingerprint(canary) == before


@pytest.mark.parametrize("name", ["passwd", "group", "environment"])
@pytest.mark.parametrize(
    "kind", ["ln -s {canary}/{0} {1}", "mkdir {1}", "mkfifo {1}", "ln -s {0} {1}"]
)
def test_who_a_user_is_is_not_asked_of_the_host(
    plash: Bench, image: str, canary: Path, name: str, kind: str
) -> None:
    script = (
        'cd "$0" && echo evil:x:0:0::/evil:/bin/sh >passwd && echo evil:x:0: >group'
        " && echo PATH=/evil >environment"
    )
    plash.person.run(["sh", "-c", script, canary], check=True)
    make = kind.format(name, f"etc/{name}", canary=canary)
    child = evil(plash, image, f"mkdir -p etc; {make}")
    for user in ("evil", "0:evil"):
        done = plash("run", "--isolate", "-u", user, child, "/bin/true")
        assert done.stderr.startswith("plash error: there is no ")
    done = plash("run", "--isolate", child, "/bin/sh", "-c", "echo $PATH $HOME")
    assert "evil" not in done.stdout
    assert done.returncode == 0


def test_an_etc_that_leads_to_the_host_gets_no_host_files(
    plash: Bench, image: str, canary: Path
) -> None:
    child = evil(plash, image, f'rm -rf etc; ln -s "{canary}" etc')
    before = fingerprint(canary)
    script = "cat /etc/resolv.conf"
    done = plash("run", "--isolate", "--net", child, "/bin/sh", "-c", script)
    assert fingerprint(canary) == before
    assert done.stdout in ("", Path("/etc/resolv.conf").read_text())


def test_a_device_as_passwd_is_not_opened(plash: Bench, image: str) -> None:
    if plash.person.map != "root":
        pytest.skip("only root can make one")
    child = evil(plash, image, "mkdir -p etc; mknod etc/passwd c 1 5")
    for words in (["run"], ["run", "--isolate"]):
        done = plash(*words, child, "/bin/echo", "on", timeout=20)
        assert done.stdout == "on\n"
