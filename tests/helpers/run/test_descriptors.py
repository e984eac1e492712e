"""What the caller left open reaches the command, and nobody else keeps it open."""

from __future__ import annotations

import fcntl
import os
import resource
import subprocess
from pathlib import Path

import pytest

from tests.helpers.conftest import Bench

WAYS = {
    "run": "run 1",
    "run:persist": 'run:persist 1 "$PLASH_DATA/../kept"',
    "build": 'run:persist --build 1 "$WORK"',
    "mounted": "mounted 1",
    "sudo": "sudo",
    "data": "data",
    "chroot": 'chroot "$PLASH_DATA/tmp/copy"',
}


def script(plash: Bench, text: str) -> subprocess.CompletedProcess[str]:
    """What a bash script says in which `plash` is the helper."""
    env = plash.environment({"WORK": str(plash.work("w"))})
    return plash.person.run(["bash", "-c", text], env=env)


@pytest.mark.parametrize("way", WAYS)
def test_process_substitution_and_open_descriptors_are_the_commands(
    plash: Bench, image: str, way: str
) -> None:
    if way == "chroot":
        copy = 'cp -a "$0" "$1" && mkdir -p "$1/dev" "$1/proc"'
        plash.sudo(copy, plash.content(image), plash.store / "tmp/copy")
    words = WAYS[way]
    done = script(
        plash,
        f"plash {words} cat <(echo substituted)"
        f" && plash {words} sh -c 'cat <&3; echo out >&4' 3<<<here 4> >(cat)",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(done.stdout.split()) == ["here", "out", "substituted"]


def test_none_of_them_is_an_isolated_commands(plash: Bench, image: str) -> None:
    done = script(plash, f"plash run --isolate {image} sh -c 'ls /proc/self/fd' 5<<<x")
    assert done.stdout.split() == ["0", "1", "2", "3"]  # the directory itself is 3


@pytest.mark.parametrize("way", ["run", "mounted"])
def test_none_of_ours_is_among_them(plash: Bench, image: str, way: str) -> None:
    done = script(plash, f"plash {way} {image} sh -c 'ls /proc/self/fd'")
    assert done.stdout.split() == ["0", "1", "2", "3"]


@pytest.mark.parametrize("least", [3, 1500])
def test_closed_by_the_command_they_are_closed(
    plash: Bench, image: str, least: int
) -> None:
    """The first thousand numbers are asked for, those beyond are listed."""
    ours, low = os.pipe()
    most, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    theirs = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, min(least, most - 1))
    os.close(low)
    command = f"exec {theirs}>&-; read line"
    run = plash.start(
        *("run", image, "sh", "-c", command),
        pass_fds=(theirs,),
        stdin=subprocess.PIPE,
    )
    os.close(theirs)
    assert os.read(ours, 1) == b""  # waits for as long as anybody has it open
    assert run.poll() is None
    run.communicate(b"\n", timeout=30)
    os.close(ours)


def test_a_program_that_is_handed_over_to_has_them(
    plash: Bench, playground: Path
) -> None:
    plash.person.run(["cp", plash.program, playground / "plash"], check=True)
    make = "printf '#!/bin/sh\\ncat <&3\\n' >plashui; chmod 755 plashui"
    plash.person.run(["sh", "-c", make], cwd=playground, check=True)
    done = script(plash, f"{playground}/plash b 3<<<handed")
    assert (done.stdout, done.stderr) == ("handed\n", "")
