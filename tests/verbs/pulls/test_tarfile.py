"""pull:tarfile: whatever the compression, whole or not at all."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Verb, cannot
from tests.people import Person, one_at_a_time, write_ids
from tests.tools import images, leftovers
from tests.verbs.conftest import Run

pytestmark = pytest.mark.in_turn


@pytest.fixture(params=["plash", "plashui"])
def plashui(person: Person, store: Path, request: pytest.FixtureRequest) -> Run:
    """Run either program: plash does plain files itself, and leaves the rest."""

    def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(store)}
        return person.run([person.bin / request.param, *words], env=env, **options)  # type: ignore[arg-type]

    return run


def zstd(data: bytes) -> bytes:
    try:
        return subprocess.run(["zstd", "-c"], input=data, capture_output=True).stdout
    except FileNotFoundError:
        cannot("zstd is not installed")
        raise


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "none": bytes,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zstd": zstd,
}


def small_tar() -> bytes:
    """A little tree with everything that is easily lost."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=tarfile.PAX_FORMAT) as tar:

        def add(name: str, kind: bytes = tarfile.REGTYPE, **more: object) -> None:
            member = tarfile.TarInfo(name)
            member.type, member.mtime, member.mode = kind, 1_500_000_000, 0o755
            for key, value in more.items():
                setattr(member, key, value)
            content = b"x" * member.size if kind == tarfile.REGTYPE else None
            tar.addfile(member, io.BytesIO(content) if content else None)

        add("./", tarfile.DIRTYPE)
        add("./dir", tarfile.DIRTYPE, mode=0o2750)
        add("./dir/file", size=70_000, mode=0o4755)
        add("./dir/hard", tarfile.LNKTYPE, linkname="./dir/file")
        add("./dir/soft", tarfile.SYMTYPE, linkname="/nowhere/at/all")
        add("./fifo", tarfile.FIFOTYPE)
        add("./" + "long/" * 40 + "name", size=3)
    return held.getvalue()


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("way", ["file", "stdin"])
def test_every_compression_is_found_by_content(
    plashui: Run, plash: Verb, playground: Path, packer: str, way: str
) -> None:
    path = playground / "anything.at.all"
    path.write_bytes(PACKERS[packer](small_tar()))
    if way == "file":
        done = plashui("pull:tarfile", path)
    else:
        with path.open("rb") as file:
            done = plashui("pull:tarfile", stdin=file)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    root = Path(plash("nodepath", done.stdout.strip()).stdout.strip()) / "_data/root"
    script = (
        f"cd {root} && stat -c '%n %a %h %Y %F' dir dir/file dir/soft fifo &&"
        " wc -c dir/hard long/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*/*"
        "/*/*/*/*/*/*/*/*/*/*/*/*/name | head -n 1"
    )
    seen = plash("sudo", "sh", "-c", script).stdout.splitlines()
    assert seen == [
        "dir 2750 2 1500000000 directory",
        "dir/file 4755 2 1500000000 regular file",
        "dir/soft 777 1 1500000000 symbolic link",
        "fifo 755 1 1500000000 fifo",
        "70000 dir/hard",
    ]


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("damage", ["cut", "flipped"])
def test_a_damaged_archive_makes_no_image(
    plashui: Run, store: Path, playground: Path, packer: str, damage: str
) -> None:
    data = bytearray(PACKERS[packer](small_tar() + b"\0" * 4096))
    if damage == "cut":
        data = data[: len(data) // 3]
    elif packer == "none":
        data[600:610] = b"garbage!!!"
    else:
        data[len(data) // 2] ^= 0xFF
        data[-9] ^= 0xFF
    path = playground / "damaged"
    path.write_bytes(data)
    done = plashui("pull:tarfile", path)
    assert done.returncode == 1, done
    assert done.stdout == ""
    assert done.stderr.startswith("plash error: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert images(store) == []
    assert leftovers(store) == []


@pytest.mark.parametrize("packer", PACKERS)
@pytest.mark.parametrize("blocks", [1, 7, 40])
def test_an_archive_that_is_cut_between_two_members_makes_no_image(
    plashui: Run, store: Path, playground: Path, packer: str, blocks: int
) -> None:
    """tar takes it for a whole one; what it lacks is the mark at its end."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for number in range(100):
            tar.addfile(tarfile.TarInfo(f"{number}"))
    data = held.getvalue()
    path = playground / "cut"
    path.write_bytes(PACKERS[packer](data[: blocks * 512]))
    for words in (["pull:tarfile", path], ["pull:tarfile"]):
        with path.open("rb") as file:
            done = plashui(*words, stdin=file)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("plash error: cannot extract the tar: it is cut")
        assert "Get it again" in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
    assert images(store) == []
    assert leftovers(store) == []
    # What it says can be done if it was made so.
    done = plashui("pull:tarfile", input=(data[: blocks * 512] + bytes(1024)).decode())
    assert (done.returncode, done.stderr) == (0, "")


def huge_header(kind: bytes, size: int) -> bytes:
    """An archive of one file whose long name, or comment, has so many bytes."""
    start = tarfile.TarInfo("././@LongLink")
    start.type, start.size = kind, size
    words = ["zstd", "-q"]
    with subprocess.Popen(words, stdin=-1, stdout=-1) as packing:
        assert packing.stdin
        assert packing.stdout
        packing.stdin.write(start.tobuf(tarfile.GNU_FORMAT))
        for _mebibyte in range(size >> 20):
            packing.stdin.write(b"A" * (1 << 20))
        packing.stdin.write(tarfile.TarInfo("f").tobuf() + bytes(10240))
        packing.stdin.close()
        return packing.stdout.read()


@pytest.mark.parametrize("kind", [b"L", b"K", b"x", b"g"])
def test_a_huge_header_makes_no_image_and_takes_no_memory(
    person: Person, store: Path, playground: Path, kind: bytes
) -> None:
    if not shutil.which("zstd"):
        cannot("zstd is not installed")
    path = playground / "huge.tar.zst"
    path.write_bytes(huge_header(kind, 1 << 30))
    assert path.stat().st_size < 1 << 20
    program = person.program(__file__, "peak_memory.py")
    words = [person.bin / "python3", program, person.bin / "plash"]
    done = person.run([*words, "pull:tarfile", path], env={"PLASH_DATA": str(store)})
    status, kibibytes = map(int, done.stdout.split())
    assert status == 1
    assert kibibytes < 200_000
    assert "a header claims a huge size" in done.stderr
    assert images(store) == []
    assert leftovers(store) == []


def test_the_reason_named_is_what_made_it_fail(
    plashui: Run, store: Path, playground: Path
) -> None:
    """tar says more than that, and what is no harm comes first."""
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        odd = tarfile.TarInfo("odd")
        odd.type = b"7"
        tar.addfile(odd)
        tar.addfile(tarfile.TarInfo("file"))
        bad = tarfile.TarInfo("file/below")
        tar.addfile(bad)
    path = playground / "x.tar"
    path.write_bytes(held.getvalue())
    done = plashui("pull:tarfile", path)
    assert (done.returncode, done.stdout) == (1, "")
    reason = "file: it is not a directory, but something is to be put into it"
    assert done.stderr == f"plash error: cannot extract the tar: {reason}\n"
    assert images(store) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "tar"),
        (b"PK\x03\x04 this is a zip" * 100, "does not look like a tar"),
        (b"\x1f\x8b not gzip at all", "damaged"),
    ],
)
def test_what_is_no_tar_says_so(
    plashui: Run, store: Path, playground: Path, content: bytes, says: str
) -> None:
    path = playground / "file"
    path.write_bytes(content)
    done = plashui("pull:tarfile", path)
    assert done.returncode == 1
    assert says in done.stderr
    assert images(store) == []
    assert leftovers(store) == []


def test_a_missing_file_or_a_directory_says_so(plashui: Run, playground: Path) -> None:
    assert "No such file" in plashui("pull:tarfile", playground / "none").stderr
    assert "Is a directory" in plashui("pull:tarfile", playground).stderr


@pytest.mark.in_turn(False)
def test_device_nodes_one_may_not_make_are_left_out_and_counted(
    plashui: Run, plash: Verb, playground: Path, person: Person
) -> None:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as tar:
        for number, name in enumerate(("null", "zero", "tty [x]")):
            node = tarfile.TarInfo(f"./dev/{name}")
            node.type, node.devmajor, node.devminor = tarfile.CHRTYPE, 1, 3 + number
            tar.addfile(node)
        tar.addfile(tarfile.TarInfo("./file"))
    path = playground / "devices.tar"
    path.write_bytes(held.getvalue())
    done = plashui("pull:tarfile", path)
    assert done.returncode == 0, done.stderr
    image = done.stdout.strip()
    root = Path(plash("nodepath", image).stdout.strip()) / "_data/root"
    assert (root / "file").is_file()
    if person.map == "root":
        assert done.stderr == ""
        assert (root / "dev/null").is_char_device()
    else:
        assert done.stderr == "3 device nodes left out\n"
        assert "3 device nodes" in plashui("show", image).stdout


@pytest.mark.in_turn(False)
def test_owners_beyond_ones_ids_are_named_with_the_remedy(
    plashui: Run, store: Path, person: Person, playground: Path
) -> None:
    tar = playground / "owners.tar"
    with tarfile.open(tar, "w") as archive:
        for name, uid, gid in (("a", 65536, 0), ("b\n", 70000, 5), ("c", 7, 200000)):
            entry = tarfile.TarInfo(name)
            entry.uid, entry.gid = uid, gid
            archive.addfile(entry)
    with one_at_a_time():
        done = plashui("pull:tarfile", tar)
        if person.map != "full":  # root has them all, a single id takes none of them
            assert done.returncode == 0, done.stderr
            return
        assert (done.returncode, done.stdout) == (1, "")
        (line,) = done.stderr.splitlines()
        assert line.startswith("plash error: cannot extract the tar: b\\n belongs to")
        assert "user id 70000, beyond the 65,537 you have (and 1 more)." in line
        assert leftovers(store) == []
        assert images(store) == []
        remedy = line.partition("As root: ")[2]
        ranges = re.findall(
            r"--add-subuids (\d+)-(\d+) --add-subgids (\d+)-(\d+) ", remedy
        )
        (first, last, first_group, last_group), *others = ranges
        assert not others
        assert int(last) - int(first) + 1 == 65536
        assert int(last_group) - int(first_group) + 1 == 3 * 65536
        given = Path("/etc/subuid").read_text().splitlines()
        taken = [
            (int(f[1]), int(f[1]) + int(f[2])) for f in (g.split(":") for g in given)
        ]
        assert all(int(first) >= end or int(last) < start for start, end in taken)
        if os.geteuid() != 0:
            return
        # It is what helps.
        subprocess.run(remedy.split(), check=True)
        try:
            done = plashui("pull:tarfile", tar)
            assert done.returncode == 0, done.stderr
            root = (
                f"{plashui('nodepath', done.stdout.strip()).stdout.strip()}/_data/root"
            )
            script = 'cd "$0" && stat -c "%u %g" a b* c'
            words = [person.bin / "plash", "sudo", "sh", "-c", script, root]
            seen = person.run(words, check=True).stdout
            assert seen.splitlines() == ["65536 0", "70000 5", "7 200000"]
            assert plashui("rm", done.stdout.strip()).returncode == 0
        finally:
            # Not by usermod, which wants that no process of the user is left.
            for path, begin, end in (
                (Path("/etc/subuid"), int(first), int(last)),
                (Path("/etc/subgid"), int(first_group), int(last_group)),
            ):
                added = f"{person.name}:{begin}:{end - begin + 1}\n"
                assert added in path.read_text()
                write_ids(path, path.read_text().replace(added, ""))
