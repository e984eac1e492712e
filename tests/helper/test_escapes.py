"""Every way out of a container that is known by a number, and a few more, is shut.

What the image holds is hostile, and so is the program that runs in it. Each test is as
root, as a user with subordinate ids, and as one without.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helper.conftest import Bench
from tests.helper.test_evil_images import fingerprint
from tests.helper.test_isolate import sh, wishing


@pytest.fixture
def secret(plash: Bench, playground: Path) -> Path:
    """A file of the person's that nobody else may read."""
    path = playground / "secret"
    plash.person.run(["sh", "-c", 'umask 077; echo mine >"$0"', path], check=True)
    return path


# The working directory (CVE-2024-21626)

DESCRIPTORS = range(3, 13)


def links_out(plash: Bench, image: str, end: str = "") -> str:
    """A child image where /N leads to whatever plash has open as N, if it can."""
    script = f"for n in {' '.join(map(str, DESCRIPTORS))};"
    script += f" do mkdir -p proc/self/fd/$n; ln -s /proc/self/fd/$n{end} $n; done"
    return plash.layer(script, image)


@pytest.mark.parametrize("verb", ["run", "run --rw", "run:persist"])
@pytest.mark.parametrize("how", ["-w", "WorkingDir="])
def test_the_working_directory_is_in_the_image(
    plash: Bench, image: str, secret: Path, playground: Path, verb: str, how: str
) -> None:
    script = 'for up in . .. ../../../../../../../..; do cat "$up$1"; done; pwd'
    linked = links_out(plash, image)
    places = [f"/proc/self/fd/{number}" for number in DESCRIPTORS]
    places += [f"/{number}" for number in DESCRIPTORS] + ["/proc/1/cwd"]
    for place in places:
        child, options = linked, ["-w", place]
        if how == "WorkingDir=":
            child, options = wishing(plash, linked, f"WorkingDir={place}"), []
        words = [*verb.split(), "--isolate", *options, child]
        words += [str(playground / "changes")] if verb == "run:persist" else []
        done = plash(*words, "sh", "-c", script, "sh", secret)
        assert (done.stdout, done.returncode) == ("", 1), "it does not even begin"
        assert "enter the directory" in done.stderr


def test_no_descriptor_leads_to_a_program_of_the_host(plash: Bench, image: str) -> None:
    """Of what plash has open none is left when the kernel looks for the program."""
    for end in ("", "/bin/sh", "/../../../../../../../bin/sh"):
        child = links_out(plash, image, end)
        links = [f"/{number}" for number in DESCRIPTORS]
        paths = [f"/proc/self/fd/{number}{end}" for number in DESCRIPTORS]
        for word in [*links, *paths, "/proc/1/root/bin/sh", "/proc/1/cwd/bin/sh"]:
            done = plash("run", "--isolate", child, word, "-c", "echo out")
            assert done.stdout == ""
            assert done.returncode in (126, 127)


# The file of plash itself (CVE-2019-5736, CVE-2019-14271)

LOADER = r"""
static long call(long n, long a, long b, long c) {
    long r;
    __asm__ volatile("syscall" : "=a"(r) : "a"(n), "D"(a), "S"(b), "d"(c)
                     : "rcx", "r11", "memory");
    return r;
}
void _start(void) {
    call(90, (long)"/proc/self/exe", 0, 0);
    call(92, (long)"/proc/self/exe", 33, 33);
    call(76, (long)"/proc/self/exe", 0, 0);
    call(1, 1, (long)"loaded\n", 7);
    call(60, 0, 0, 0);
}
"""


@pytest.fixture(scope="session")
def loader(base: Path) -> Path:
    """A dynamic loader that harms the program which it should load."""
    if os.uname().machine != "x86_64":
        pytest.skip("the loader is written for x86-64")
    if not shutil.which("gcc"):
        cannot("gcc is not installed")
    source, path = base / "loader.c", base / "loader"
    source.write_text(LOADER)
    words = ["-O1", "-nostdlib", "-static-pie", "-fPIE", "-fno-stack-protector"]
    subprocess.run(["gcc", *words, "-o", path, source], check=True)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    "disguise",
    [
        "ln -s /proc/self/exe bin/x",
        "printf '#!/proc/self/exe\n' >bin/x; chmod 755 bin/x",
        "printf '#!/bin/y\n' >bin/x; chmod 755 bin/x; ln -s ../proc/self/exe bin/y",
        "ln -s /proc/1/exe bin/x",
        "ln -s /proc/thread-self/exe bin/x",
    ],
)
@pytest.mark.parametrize("way", ["run", "run --isolate", "run --isolate -l"])
def test_an_image_never_gets_the_file_of_plash(
    plash: Bench, image: str, playground: Path, loader: Path, disguise: str, way: str
) -> None:
    mine = playground / "bin/plash"
    script = 'mkdir "$0"; cp "$1" "$0"; chmod 755 "$0/plash"'
    plash.person.run(["sh", "-c", script, mine.parent, plash.program], check=True)
    before = fingerprint(mine.parent)
    put = f"cat >lib64/ld-linux-x86-64.so.2 <{loader}; chmod 755 lib64/*; {disguise}"
    child = plash.layer(f"mkdir -p bin lib64; {put}", image)
    shells = plash.layer("cd bin; ln -sf x sh; ln -sf x bash; ln -sf x ls", child)
    env = plash.environment()
    for words in ([child, "/bin/x"], [child, "x"], [shells], [shells, "ls"]):
        done = plash.person.run([mine, *way.split(), *words], env=env, timeout=30)
        assert "loaded" not in done.stdout
        assert fingerprint(mine.parent) == before
    again = plash.person.run([mine, "run", image, "echo", "on"], env=env)
    assert again.stdout == "on\n"


def test_the_file_of_plash_is_not_seen_by_its_image(plash: Bench, image: str) -> None:
    """Not through a process that is still plash, either."""
    script = "for p in /proc/[0-9]*; do readlink $p/exe; done; ls -l /proc/self/exe"
    assert "plash" not in sh(plash, image, script)
