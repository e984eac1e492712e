"""Unpacking what strangers packed: all that is in it, and nothing outside."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile
from copy import copy
from pathlib import Path

import pytest

from tests.helper.conftest import Bench
from tests.helper.test_evil_images import fingerprint


def member(name: str, **facts: object) -> tarfile.TarInfo:
    """One member of a tar file."""
    made = tarfile.TarInfo(name)
    made.mode = 0o644
    for key, value in facts.items():
        setattr(made, key, value)
    return made


def packed(path: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """A tar file of these members, in this order."""
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    path.chmod(0o644)
    return path


@pytest.fixture
def target(plash: Bench) -> Path:
    """Where to unpack."""
    return plash.work("in") / "data"


def test_names_modes_times_links_and_attributes_come_through(
    plash: Bench, playground: Path, target: Path
) -> None:
    odd = "n\nl\x1b\u202e"
    tar = packed(
        playground / "t.tar",
        (member("d", type=tarfile.DIRTYPE, mode=0o1770), b""),
        (member("d/f", mode=0o4751, mtime=1234567890, uid=8, gid=9), b"hello"),
        (member("d/hard", type=tarfile.LNKTYPE, linkname="d/f"), b""),
        (member("soft", type=tarfile.SYMTYPE, linkname="/etc/x"), b""),
        (member("pipe", type=tarfile.FIFOTYPE), b""),
        (member("x", pax_headers={"SCHILY.xattr.user.a": "v"}), b""),
        (member(odd), b""),
    )
    done = plash.extract(target, tar)
    assert (done.returncode, done.stderr) == (0, "")
    script = 'cd "$0" && stat -c "%n %a %Y %h" d/f d && stat -c "%u %g" d/f'
    shown = plash.sudo(script, target).splitlines()
    assert shown[0] == "d/f 4751 1234567890 2"
    assert shown[1].startswith("d 1770 ")
    assert shown[2] == ("0 0" if plash.person.map == "single" else "8 9")
    assert (target / "soft").readlink() == Path("/etc/x")
    assert (target / "pipe").is_fifo()
    assert os.getxattr(target / "x", "user.a") == b"v"
    assert (target / odd).exists()


def test_file_capabilities_come_through(
    plash: Bench, playground: Path, target: Path
) -> None:
    value = bytes.fromhex("0100000200040000000000000000000000000000")
    headers = {"SCHILY.xattr.security.capability": value.decode("latin-1")}
    tar = packed(playground / "t.tar", (member("ping", pax_headers=headers), b"x"))
    done = plash.extract(target, tar)
    assert (done.returncode, done.stderr) == (0, "")
    script = 'getfattr --absolute-names -d -m security "$0" 2>/dev/null || echo none'
    shown = plash.sudo(script, target / "ping")
    assert "security.capability" in shown or "none" in shown
    names = os.listxattr(target / "ping")
    assert "security.capability" in names


def test_device_nodes_are_made_by_root_and_complained_of_by_others(
    plash: Bench, playground: Path, target: Path
) -> None:
    node = member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
    tar = packed(playground / "t.tar", (node, b""), (member("after"), b"x"))
    done = plash.extract(target, tar)
    assert (target / "after").exists()
    if plash.person.map == "root":
        assert done.returncode == 0
        assert (target / "null").is_char_device()
    else:
        assert done.returncode == 2
        assert "null: Cannot mknod" in done.stderr


ATTACKS = {
    "dots": [(member("../../../evil"), b"x")],
    "absolute": [(member("{victim}/evil"), b"x")],
    "dots inside": [(member("a/../../../../evil"), b"x")],
    "through a link": [
        (member("link", type=tarfile.SYMTYPE, linkname="{victim}"), b""),
        (member("link/evil"), b"x"),
    ],
    "through a relative link": [
        (member("link", type=tarfile.SYMTYPE, linkname="../../../victim"), b""),
        (member("link/evil"), b"x"),
    ],
    "over a link to a file": [
        (member("f", type=tarfile.SYMTYPE, linkname="{victim}/file"), b""),
        (member("f"), b"overwritten"),
    ],
    "hard link to the host": [
        (member("f", type=tarfile.LNKTYPE, linkname="{victim}/file"), b""),
        (member("f", mode=0o777), b"overwritten"),
    ],
    "mode of a link's target": [
        (member("link", type=tarfile.SYMTYPE, linkname="{victim}"), b""),
        (member("link", type=tarfile.DIRTYPE, mode=0o777, mtime=1), b""),
    ],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_outside_is_touched(
    plash: Bench, playground: Path, target: Path, attack: str
) -> None:
    victim = playground / "victim"
    plash.sudo('mkdir "$0" && echo mine >"$0/file"', victim)
    before = fingerprint(victim)
    members = []
    for info, content in ATTACKS[attack]:
        changed = copy(info)  # TarInfo.replace is not in every Python 3.11
        changed.name = info.name.format(victim=victim)
        changed.linkname = info.linkname.format(victim=victim)
        members.append((changed, content))
    plash.extract(target, packed(playground / "t.tar", *members))
    assert fingerprint(victim) == before
    assert not list(playground.rglob("evil")) or all(
        path.is_relative_to(target) for path in playground.rglob("evil")
    )


def test_even_a_tar_that_obeys_cannot_write_outside(
    plash: Bench, playground: Path, target: Path
) -> None:
    """The walls, not tar's manners: TAR_OPTIONS make it follow absolute names."""
    script = f'"{plash.program}" engine:extract "$0" <"$1" 9<&- ; echo "$?"'
    tar = packed(playground / "t.tar", (member(str(playground / "evil")), b"x"))
    env = {"TAR_OPTIONS": "--absolute-names"}
    words = ["sh", "-c", script, target, tar]
    plash.person.run(words, env=env)
    assert not (playground / "evil").exists()


def attempt(plash: Bench, playground: Path, target: Path, script: str) -> str:
    """What a hostile program in tar's place achieves; its own words."""
    fake = playground / "fake"
    plash.person.run(["mkdir", "-p", fake], check=True)
    (fake / "tar").write_text(f"#!/bin/sh\n{script}\n")
    (fake / "tar").chmod(0o755)
    bind = (
        'mount --bind "$0/tar" /usr/bin/tar && '
        f'exec "{plash.program}" engine:extract "$1" </dev/null'
    )
    done = plash("sudo", "sh", "-c", bind, fake, target)
    return done.stdout + done.stderr


def test_whatever_runs_as_tar_is_held_to_the_directory(
    plash: Bench, playground: Path, target: Path
) -> None:
    plash.sudo('echo mine >"$0"', playground / "file")
    before = fingerprint(playground / "file")
    script = (
        f"f={playground}/file; : >inside; for word in 'rm' 'chmod 777' 'touch'"
        " 'truncate -s 0' 'setfattr -n user.a -v b' 'mv inside'; do"
        " $word $f 2>/dev/null && echo did $word; done;"
        f" echo x >{playground}/new; mkdir {playground}/dir;"
        " grep NoNewPrivs /proc/self/status"
    )
    said = attempt(plash, playground, target, script)
    assert "did" not in said
    assert "NoNewPrivs:\t1" in said
    assert fingerprint(playground / "file") == before
    assert not (playground / "new").exists()
    assert not (playground / "dir").exists()
    assert (target / "inside").exists()


def test_events_tell_the_map_and_the_walls(
    plash: Bench, playground: Path, target: Path, busybox_tar: Path
) -> None:
    script = (
        f'exec 7>"$0/events"; "{plash.program}" engine:extract --status-fd 7 "$1" <"$2"'
    )
    words = ["sh", "-c", script, playground, target, busybox_tar]
    plash.person.run(words, check=True)
    first = json.loads((playground / "events").read_text().splitlines()[0])
    (probed,) = plash.json(["engine:probe"])
    assert first["ev"] == "ready"
    assert first["map"] == plash.person.map
    assert first["landlock"] == (probed["landlock"] if probed["landlock"] > 1 else 0)


def test_broken_input_is_tars_to_explain(plash: Bench, target: Path) -> None:
    done = plash("engine:extract", target, input="this is not a tar file" * 100)
    assert done.returncode == 2
    assert "tar" in done.stderr


def test_a_directory_that_is_not_there(plash: Bench, playground: Path) -> None:
    done = plash("engine:extract", playground / "nowhere", input="")
    assert done.returncode == 1
    assert done.stderr.startswith("plash error: cannot unpack into ")


def test_the_end_of_the_lifeline_ends_tar(
    plash: Bench, playground: Path, target: Path
) -> None:
    life = playground / "life"
    plash.person.run(["mkfifo", life], check=True)
    script = f'exec 8<"$0"; exec "{plash.program}" engine:extract --lifeline-fd 8 "$1"'
    process = plash.person.start(
        ["bash", "-c", script, life, target],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with life.open("wb"):
        pass
    assert process.wait(30) != 0
    assert process.stdin
    process.stdin.close()
