"""Unpacking what strangers packed: all that is in it, and nothing outside."""

from __future__ import annotations

import io
import json
import os
import platform
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from pathlib import Path

import pytest

from tests.conftest import cannot
from tests.helpers import refusing
from tests.helpers.conftest import Bench
from tests.helpers.run.test_evil_images import fingerprint
from tests.tools import wait_for


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


NO_LANDLOCK = "landlock_create_ruleset=ENOSYS"

V2_CAPABILITY = bytes.fromhex("0100000200040000000000000000000000000000")
"""VFS_CAP_REVISION_2 of <linux/capability.h>: cap_net_raw, effective."""


SHOW = "import os, sys; print(os.getxattr(sys.argv[1], 'security.capability').hex())"


def third(root: int) -> bytes:
    """The same in revision 3: it counts where this user id is root."""
    return b"\1\0\0\3" + V2_CAPABILITY[4:] + root.to_bytes(4, "little")


def attribute(value: bytes) -> dict[str, str]:
    """The pax header of a file's capability."""
    text = value.decode("utf-8", "surrogateescape")
    return {"SCHILY.xattr.security.capability": text}


def test_capabilities_count_for_root_of_the_map(
    plash: Bench, playground: Path, target: Path
) -> None:
    """Outside, the kernel keeps beside them whose root that is."""
    files = {"two": V2_CAPABILITY, "three": third(0), "other": third(7)}
    members = [
        (member(name, mode=0o755, pax_headers=attribute(value)), b"x")
        for name, value in files.items()
    ]
    left_out = plash.left_out(target, packed(playground / "t.tar", *members))
    python, uid = plash.person.bin / "python3", plash.person.uid
    ours = V2_CAPABILITY if plash.person.map == "root" else third(uid)
    for name in ("two", "three"):
        assert os.getxattr(target / name, "security.capability") == ours
        inside = plash.sudo('"$0" -c "$1" "$2"', python, SHOW, target / name)
        assert bytes.fromhex(inside) == V2_CAPABILITY
    if plash.person.map == "single":  # there is no such id; all else is there
        assert left_out == (0, 1)
        assert (target / "other").read_bytes() == b"x"
        return
    assert left_out == (0, 0)
    rows = plash.sudo("cat /proc/self/uid_map").splitlines()
    inside_7 = 7 if plash.person.map == "root" else int(rows[1].split()[1]) + 6
    assert os.getxattr(target / "other", "security.capability") == third(inside_7)


def test_access_lists_come_through_where_their_ids_are_known(
    plash: Bench, playground: Path, target: Path
) -> None:
    if not shutil.which("getfacl"):
        cannot("getfacl is not installed (Debian: acl)")
    access = "user::rw-,user:8:rwx,group::r--,mask::rwx,other::---"
    default = "user::rwx,group:9:r-x,group::r-x,mask::r-x,other::---"
    tar = packed(
        playground / "t.tar",
        (member("f", mode=0o670, pax_headers={"SCHILY.acl.access": access}), b"x"),
        (
            member(
                "d",
                type=tarfile.DIRTYPE,
                mode=0o750,
                pax_headers={"SCHILY.acl.default": default},
            ),
            b"",
        ),
        (member("d/plain", mode=0o640), b""),
    )
    left_out = plash.left_out(target, tar)
    assert (target / "f").read_bytes() == b"x"
    shown = plash.sudo('cd "$0" && getfacl --numeric --omit-header f d d/plain', target)
    found = [set(part.split()) for part in shown.split("\n\n")]
    if plash.person.map == "single":
        assert left_out == (0, 2)
        assert "user:8" not in shown
        return
    assert left_out == (0, 0)
    assert found[0] == set(access.split(","))
    assert found[1] >= {f"default:{entry}" for entry in default.split(",")}
    assert found[2] == {"user::rw-", "group::r--", "other::---"}, "it had none"


def sparse_tar(path: Path, form: str) -> Path:
    """A tar, made by GNU tar, of a file that is nearly all holes."""
    source = path.with_suffix(".source")
    source.mkdir()
    with (source / "holes").open("wb") as file:
        for at in (0, 10_000_000, 50_000_000):
            file.seek(at)
            file.write(b"data at %d" % at)
        file.truncate(64_000_000)
    options = [
        "--sparse",
        f"--format={form}",
        f"--file={path}",
        f"--directory={source}",
    ]
    subprocess.run(["tar", "--create", *options, "holes"], check=True)
    path.chmod(0o644)
    assert path.stat().st_size < 200_000
    return path


@pytest.mark.parametrize("form", ["pax", "gnu"])
def test_holes_stay_holes(
    plash: Bench, playground: Path, target: Path, form: str
) -> None:
    tar = sparse_tar(playground / "t.tar", form)
    done = plash.extract(target, tar)
    assert (done.returncode, done.stderr) == (0, "")
    holes = target / "holes"
    facts = holes.stat()
    assert facts.st_size == 64_000_000
    assert facts.st_blocks * 512 < 200_000
    assert holes.read_bytes() == (tar.with_suffix(".source") / "holes").read_bytes()


def test_long_names_links_across_and_exact_times_come_through(
    plash: Bench, playground: Path, target: Path
) -> None:
    long = "/".join(["n" * 250] * 5)
    times = {"mtime": "1234567890.123456789"}
    directory: dict[str, object] = {"type": tarfile.DIRTYPE, "mode": 0o755}
    tar = packed(
        playground / "t.tar",
        (member("one", **directory, pax_headers={"mtime": "5.000000007"}), b""),
        (member("one/f", pax_headers=times), b"linked"),
        (member("two", **directory), b""),
        (member("two/hard", type=tarfile.LNKTYPE, linkname="one/f"), b""),
        (member(f"{long}/f"), b"deep"),
        (member("soft", type=tarfile.SYMTYPE, linkname=f"{long}/f"), b""),
        (member("far", type=tarfile.LNKTYPE, linkname=f"{long}/f"), b""),
        (
            member("two/soft", type=tarfile.SYMTYPE, linkname="x", pax_headers=times),
            b"",
        ),
    )
    done = plash.extract(target, tar)
    assert (done.returncode, done.stderr) == (0, "")
    assert (target / "one/f").samefile(target / "two/hard")
    assert (target / "one/f").stat().st_mtime_ns == 1_234_567_890_123_456_789
    assert (target / "two/soft").lstat().st_mtime_ns == 1_234_567_890_123_456_789
    assert (target / "one").stat().st_mtime_ns == 5_000_000_007
    assert (target / "soft").readlink() == Path(long, "f")
    assert (target / "soft").read_bytes() == b"deep"
    assert (target / "far").samefile(target / long / "f")


def deep(path: Path, levels: int) -> Path:
    """A tar file of a directory in a directory, and so on, with a file in the last."""
    directories = [
        (member("/".join("d" * at), type=tarfile.DIRTYPE, mode=0o755, mtime=at), b"")
        for at in range(1, levels + 1)
    ]
    return packed(path, *directories, (member("d/" * levels + "f"), b"deep"))


def times_of(plash: Bench, target: Path) -> list[int]:
    """The times of the directories in one another."""
    script = """import os, sys
os.chdir(sys.argv[1])
while os.path.exists("d"):
    os.chdir("d")
    print(int(os.stat(".").st_mtime))
print(open("f").read())"""
    argv = [plash.program, "sudo", plash.person.bin / "python3", "-c", script, target]
    done = plash.person.run(argv, env=plash.environment(), check=True)
    *times, content = done.stdout.split()
    assert content == "deep"
    return [int(time) for time in times]


@pytest.mark.in_turn
def test_a_deep_tree_is_gone_down_once(
    plash: Bench, playground: Path, target: Path
) -> None:
    if b"__asan_init" in plash.program.read_bytes() or not shutil.which("strace"):
        pytest.skip("strace is not there, or the sanitizers' own calls would count")
    calls = playground / "calls"
    tar = deep(playground / "t.tar", 2000)
    words = ["strace", "-f", "-qq", "-o", calls, "-e", "trace=openat"]
    argv = [*words, plash.program, "engine:extract", target]
    with tar.open("rb") as stream:
        plash.person.run(argv, env=plash.environment(), stdin=stream, check=True)
    assert times_of(plash, target) == [*range(1, 2001)]
    opened = [line for line in calls.read_text().splitlines() if '"d"' in line]
    assert 2000 <= len(opened) < 3 * 2000


@pytest.mark.in_turn
def test_a_deep_tree_is_unpacked_with_few_descriptors(
    plash: Bench, playground: Path, target: Path
) -> None:
    tar = deep(playground / "t.tar", 300)
    script = 'ulimit -n 60; exec "$0" engine:extract "$1"'
    with tar.open("rb") as stream:
        argv = ["sh", "-c", script, plash.program, target]
        plash.person.run(argv, env=plash.environment(), stdin=stream, check=True)
    assert times_of(plash, target) == [*range(1, 301)]


def test_without_landlock_it_goes_on_and_says_so(
    plash: Bench, playground: Path, target: Path, busybox_tar: Path
) -> None:
    if os.geteuid() != 0:
        cannot("only root can play another kernel without giving up newuidmap")
    script = 'exec 7>"$0"; exec "$1" engine:extract --status-fd 7 "$2" <"$3"'
    files = [playground / "events", plash.program, target, busybox_tar]
    words = plash.person.argv(["sh", "-c", script, *files])
    env = plash.person.environment()
    done = subprocess.run(
        refusing.behind(NO_LANDLOCK, words), env=env, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    ready = json.loads((playground / "events").read_text().splitlines()[0])
    assert (ready["map"], ready["landlock"]) == (plash.person.map, 0)
    assert (target / "bin/busybox").exists()


def test_device_nodes_are_made_by_root_and_counted_for_others(
    plash: Bench, playground: Path, target: Path
) -> None:
    node = member("null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)
    tar = packed(playground / "t.tar", (node, b""), (member("after"), b"x"))
    left_out = plash.left_out(target, tar)
    assert (target / "after").exists()
    root = plash.person.map == "root"
    assert left_out == ((0, 0) if root else (1, 0))
    assert os.path.lexists(target / "null") == root


def test_a_link_is_not_unpacked_into(
    plash: Bench, playground: Path, target: Path
) -> None:
    plash.person.run(["mkdir", playground / "elsewhere"], check=True)
    plash.person.run(["ln", "-s", "elsewhere", playground / "link"], check=True)
    tar = packed(playground / "t.tar", (member("f"), b"x"))
    done = plash.extract(playground / "link", tar)
    assert done.returncode == 1
    assert os.listdir(playground / "elsewhere") == []
    # Nor into what has the name by now.
    script = (
        'exec 9<"$0" && mv "$0" "$0.away" && ln -s "$1" "$0" &&'
        f' "{plash.program}" engine:extract /proc/self/fd/9/. <"$2"'
    )
    words = ["bash", "-c", script, target, playground / "elsewhere", tar]
    plash.person.run(words, check=True)
    assert os.listdir(playground / "elsewhere") == []
    assert os.listdir(f"{target}.away") == ["f"]


def test_marks_that_mean_something_in_a_layer_are_left_out(
    plash: Bench, playground: Path, target: Path
) -> None:
    marks = {
        f"SCHILY.xattr.user.{name}": "y"
        for name in ("overlay.opaque", "fuseoverlayfs.opaque", "mine")
    }
    tar = packed(
        playground / "t.tar",
        (member("d", type=tarfile.DIRTYPE, pax_headers=marks), b""),
    )
    assert plash.left_out(target, tar) == (0, 0)
    assert plash.sudo('getfattr -d "$0/d" 2>/dev/null | grep -c =', target) == "1\n"


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


@pytest.fixture(scope="session")
def injector(base: Path) -> Path:
    """A program that makes another process do things; see inject.c."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if not compiler or platform.machine() != "x86_64":
        cannot("there is no C compiler, or this is not an x86-64")
        raise AssertionError
    path = base / "inject"
    source = Path(__file__).parent / "inject.c"
    subprocess.run([compiler, "-D_GNU_SOURCE", "-o", path, source], check=True)
    return path


@contextmanager
def unpacking(
    plash: Bench, playground: Path, target: Path, refused: str
) -> Iterator[int]:
    """Somebody unpacks, and waits for the archive: the process."""
    events = playground / "events"
    script = f'exec 7>"$0"; exec "{plash.program}" engine:extract --status-fd 7 "$1"'
    words = plash.person.argv(["sh", "-c", script, events, target])
    if refused:
        words = refusing.behind(refused, words)
    env = plash.person.environment()
    with subprocess.Popen(words, env=env, stdin=-1, stderr=-1) as process:
        assert process.stdin
        assert process.stderr
        wait_for(lambda: events.exists() and "ready" in events.read_text(), "it", 20)
        pid = json.loads(events.read_text().splitlines()[0])["pid"]
        state = Path(f"/proc/{pid}/syscall")  # "running": not in a system call
        wait_for(lambda: not state.read_text().startswith("running"), "it to read")
        yield pid
        process.stdin.close()
        process.stderr.read()


@pytest.mark.parametrize("refused", ["", NO_LANDLOCK])
def test_whatever_it_is_made_to_do_it_is_held_to_the_directory(
    plash: Bench, playground: Path, target: Path, refused: str, injector: Path
) -> None:
    """Mounts and the network are walls of their own, where there is no Landlock."""
    if os.geteuid() != 0:
        cannot("only root may trace a process in another user namespace")
    plash.sudo('echo mine >"$0"', playground / "file")
    before = fingerprint(playground / "file")
    places = [playground / name for name in ("file", "new", "dir")]
    with unpacking(plash, playground, target, refused) as pid:
        status = Path(f"/proc/{pid}/status").read_text()
        done = subprocess.run(
            [injector, str(pid), *places], capture_output=True, text=True, check=False
        )
    assert (done.stdout, done.stderr) == ("did write inside\n", "")
    assert "NoNewPrivs:\t1" in status
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


def test_broken_input_is_explained(plash: Bench, target: Path) -> None:
    done = plash("engine:extract", target, input="this is not a tar file" * 100)
    assert done.returncode == 2
    assert "tar" in done.stderr


def test_a_directory_that_is_not_there(plash: Bench, playground: Path) -> None:
    done = plash("engine:extract", playground / "nowhere", input="")
    assert done.returncode == 1
    assert done.stderr.startswith("plash error: cannot unpack into ")


def test_the_end_of_the_lifeline_ends_it(
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
