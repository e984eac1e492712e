"""What a layered root must be able to do, whoever made the layers."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE

import pytest

from tests.helpers.conftest import Bench, Word, make_chain
from tests.people import MapKind, Person
from tests.tools import leftovers, number_of

TIERS = ["1", "2", "3"]


@pytest.mark.parametrize("tier", TIERS)
def test_a_directory_of_a_lower_layer_is_removed_and_made_anew(
    plash: Bench, image: str, tier: str
) -> None:
    script = "rm -rf /usr/share/doc && mkdir /usr/share/doc && ls -A /usr/share/doc"
    done = plash("run", "--overlay-tier", tier, image, "sh", "-c", script)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("tier", TIERS)
def test_a_directory_of_a_lower_layer_is_moved(
    plash: Bench, image: str, tier: str
) -> None:
    script = "mv /usr/share/doc /usr/doc && find /usr/doc /usr/share"
    done = plash("run", "--overlay-tier", tier, image, "sh", "-c", script)
    assert done.returncode == 0, done.stderr
    assert "/usr/doc/x/copyright" in done.stdout
    assert "/usr/share/doc" not in done.stdout


def test_a_removed_directory_stays_removed_in_the_child_image(
    plash: Bench, image: str
) -> None:
    script = "rm -rf /usr/share/doc && mkdir /usr/share/doc && rm /etc/group"
    child = plash.build(image, "sh", "-c", script)
    assert plash("run", child, "ls", "-A", "/usr/share/doc").stdout == ""
    assert plash("run", child, "cat", "/etc/group").returncode != 0
    assert plash("run", image, "ls", "/usr/share/doc").stdout == "x\n"


def test_links_pipes_owners_and_modes_work(plash: Bench, image: str) -> None:
    script = (
        "ln /etc/passwd /etc/other && mkfifo /pipe && chmod 600 /etc/passwd &&"
        " stat -c '%h %a' /etc/other && ln -s x /link && readlink /link"
    )
    done = plash("run", image, "sh", "-c", script)
    assert done.stdout == "2 600\nx\n", done.stderr
    owner = plash("run", image, "sh", "-c", ": >/f && chown 8:8 /f && stat -c %u /f")
    assert (owner.stdout == "8\n") is (plash.person.map != "single")


def test_changes_are_thrown_away_with_their_bytes(plash: Bench, image: str) -> None:
    script = "dd if=/dev/zero of=/big bs=1M count=3 2>/dev/null; mkdir -m 0 /a /a/b"
    plash("run", image, "sh", "-c", script)
    assert leftovers(plash.store) == []
    assert plash("run", image, "ls", "/big").returncode != 0


def test_changes_are_kept_in_a_directory(
    plash: Bench, image: str, playground: Path
) -> None:
    changes = playground / "changes"
    plash.person.run(["mkdir", changes], check=True)
    plash("run:persist", image, changes, "sh", "-c", "echo 1 >>/kept", check=True)
    done = plash("run:persist", image, changes, "sh", "-c", "echo 2 >>/kept; cat /kept")
    assert done.stdout == "1\n2\n"
    built: list[Word] = ["run:persist", "--build", image, changes]
    assert plash(*built, "cat", "/kept").stdout == "1\n2\n"
    assert plash("run:persist", image, changes, "true").returncode == 0


def test_two_cannot_write_to_one_directory(
    plash: Bench, image: str, playground: Path
) -> None:
    changes = playground / "changes"
    plash.person.run(["mkdir", changes], check=True)
    inner = f"{plash.program} run:persist {image} {changes} true"
    script = f"exec 9<'{changes}'; flock 9; exec {inner}"
    done = plash.person.run(["bash", "-c", script], env=plash.environment())
    assert done.returncode == 1
    assert "another run is using it" in done.stderr


def test_who_writes_to_a_directory_already_is_named(
    plash: Bench, image: str, playground: Path
) -> None:
    changes = playground / "changes"
    plash.person.run(["mkdir", changes], check=True)
    words: list[Word] = ["run:persist", image, changes]
    first = plash.start(*words, "sh", "-c", "echo up; cat", stdin=PIPE, stdout=PIPE)
    assert first.stdout
    assert first.stdout.readline() == b"up\n"
    other: list[Word] = ["engine:with", "--upper", changes, plash.store, image]
    done = plash(*other, "--", "true")
    first.communicate()
    command = " ".join(map(str, [plash.program, *words, "sh -c echo up; cat"]))
    who = f"process {first.pid} ({command[:199].rstrip()})"
    assert f": another run is using it: {who}\n" in done.stderr
    assert plash(*words, "true").returncode == 0


def test_a_mounted_image_is_read_only_and_seen_by_host_programs(
    plash: Bench, image: str
) -> None:
    done = plash("mounted", image, "sh", "-c", "pwd; cat etc/passwd; : >new")
    assert done.stdout.splitlines()[:2] == [
        f"{plash.store}/mnt",
        "root:x:0:0:root:/root:/bin/sh",
    ]
    assert done.returncode != 0
    assert "Read-only file system" in done.stderr
    assert plash("mounted", "0", "ls", "-A").stdout == ""


def test_an_image_mounted_for_a_program_takes_its_changes(
    plash: Bench, image: str, playground: Path
) -> None:
    changes = playground / "changes"
    place = playground / "here"
    plash.person.run(["mkdir", "-p", changes / "data", changes / "work", place])
    words: list[Word] = [
        "engine:with",
        "--at",
        place,
        "--upper",
        changes,
        plash.store,
        image,
        "--",
    ]
    done = plash(*words, "sh", "-c", 'echo x >new; cat "$0/new"; exit 9', place)
    assert (done.stdout, done.returncode) == ("x\n", 9), done.stderr
    assert (changes / "data/new").read_text() == "x\n"
    assert list(place.iterdir()) == []


@pytest.mark.parametrize("tier", TIERS)
def test_a_place_to_mount_at_may_be_relative(
    plash: Bench, image: str, playground: Path, tier: str
) -> None:
    """The helper goes from layer to layer meanwhile, and comes back."""
    plash.person.run(["mkdir", playground / "here"], check=True)
    at: list[Word] = ["--overlay-tier", tier, "--at", "here"]
    words: list[Word] = ["engine:with", *at, plash.store, image, "--", "/bin/pwd"]
    done = plash(*words, cwd=playground)
    assert done.stdout == f"{playground}/here\n", done.stderr


def test_the_mount_names_image_store_and_work_directory(
    plash: Bench, image: str
) -> None:
    done = plash("run", image, "cat", "/proc/self/mountinfo")
    number = number_of(plash.store)
    root = next(x for x in done.stdout.splitlines() if x.split()[4] == "/")
    assert f" plashui:{image}:{number}:plashtmp_" in root


def memory_can_hold_changes() -> bool:
    """Those of a plain user: a tmpfs has had their attributes since Linux 6.6."""
    return [*map(int, os.uname().release.split(".")[:2])] >= [6, 6]


SEE_WORKDIRS = ["sh", "-c", "ls /mnt/$PLASH_DATA/tmp"]


def test_changes_thrown_away_are_on_the_disk_until_the_end(
    plash: Bench, image: str
) -> None:
    assert plash("run", image, *SEE_WORKDIRS).stdout.startswith("plashtmp_")
    assert leftovers(plash.store) == []


@pytest.mark.skipif(not memory_can_hold_changes(), reason="Linux before 6.6")
@pytest.mark.parametrize("why", ["asked for", "read only", "not ours"])
def test_changes_are_in_memory_if_asked_or_the_store_cannot_be_written(
    plash: Bench, image: str, why: str
) -> None:
    script = (
        "rm -rf /usr && mkdir /usr && mv /var /var2 && echo x > /new && ls /var2"
        " && grep -c ' / / .* plashui:' /proc/self/mountinfo"
    )
    plash("run", image, "true", check=True)  # makes the mount points
    words = ["run", *(["--in-memory"] if why == "asked for" else []), image]
    env = {"PLASH_READ_ONLY": "1"} if why == "read only" else {}
    if why == "not ours" and plash.person.map == "root":
        pytest.skip("root may write everywhere")
    tmp = plash.store / "tmp"
    tmp.chmod(0o500 if why == "not ours" else 0o700)
    done = plash(*words, "sh", "-c", script, env=env)
    assert (done.returncode, done.stdout) == (0, "lib\n1\n"), done.stderr
    assert list((plash.store / "mnt").iterdir()) == []
    assert plash(*words, *SEE_WORKDIRS, env=env).stdout == ""
    mounts = plash(*words, "cat", "/proc/self/mountinfo", env=env).stdout
    assert f" plashui:{image}:{number_of(plash.store)}:- " in mounts
    tmp.chmod(0o700)


@pytest.mark.skipif(not memory_can_hold_changes(), reason="Linux before 6.6")
def test_changes_in_memory_leave_half_of_what_is_free(plash: Bench, image: str) -> None:
    def kilobytes() -> int:
        facts = Path("/proc/meminfo").read_text()
        return int(facts.partition("MemAvailable:")[2].split()[0])

    before = kilobytes()
    done = plash("run", "--in-memory", image, "df", "-P", "/")
    size = int(done.stdout.splitlines()[1].split()[1])
    assert 0 < size <= max(before, kilobytes()) * 0.55


@pytest.fixture
def limited_group() -> Iterator[Path]:
    """A control group of 100 MB; its list of processes."""
    for top, limit in (
        ("/sys/fs/cgroup", "memory.max"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"),
    ):
        own = next(
            line.split(":", 2)[2]
            for line in Path("/proc/self/cgroup").read_text().splitlines()
            if ":memory:" in line or line.startswith("0::")
        )
        group = Path(f"{top}{own}/plashtest{os.getpid()}")
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(100 << 20))
            yield group / "cgroup.procs"
            return
        except OSError:
            continue
        finally:
            group.rmdir()
    pytest.skip("no control group can be made here")


@pytest.mark.parametrize("option", ["", "--in-memory"])
def test_many_changes_in_a_small_group_are_never_the_end_of_the_caller(
    plash: Bench, image: str, limited_group: Path, option: str
) -> None:
    kind = subprocess.check_output(["stat", "-f", "-c", "%T", plash.store], text=True)
    if not option and kind == "tmpfs\n":
        pytest.skip("here the disk is memory")
    script = (
        f'echo $$ >"{limited_group}" && setpriv --reuid={plash.person.uid}'
        f" --regid={plash.person.gid} --init-groups sh -c '{plash.program} run {option}"
        f" {image} dd if=/dev/zero of=/big bs=1M count=150 2>/dev/null; echo $?'"
    )
    env = {**plash.person.environment(), **plash.environment()}
    done = subprocess.run(
        ["sh", "-c", script], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout == ("1\n" if option else "0\n"), done.stderr


@pytest.fixture
def other(people: dict[MapKind, Person], person: Person) -> Person:
    """Somebody else, who may not share the first one's overlay attributes."""
    kind: MapKind = "root" if person.map != "root" else "full"
    if kind not in people or os.geteuid() != 0:
        pytest.skip("needs two people, one of them root")
    return people[kind]


def test_what_one_kind_removed_the_other_does_not_see(
    plash: Bench, image: str, other: Person
) -> None:
    child = plash.build(
        image, "sh", "-c", "rm -rf /usr/share/doc && mkdir -p /usr/share/doc"
    )
    theirs = Bench(other, plash.store)
    words: list[Word] = ["engine:with", "--at", "/mnt", plash.store, child, "--"]
    done = theirs(*words, "ls", "-A", "/mnt/usr/share/doc")
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def merged_chain(depth: int) -> set[str]:
    """What the files of image `depth` of such a chain are, line by line."""
    files = {f"./f{n}": (n & 0o777 | 0o400, n) for n in range(1, depth + 1)}
    modes = {f"./d/{n % 7}": n for n in range(1, depth + 1)}
    found = {f"{path} {oct(mode)} layer {n}" for path, (mode, n) in files.items()}
    found |= {f"{path} 0o644 layer {n}" for path, n in modes.items()}
    return found | {
        f"./last 0o644 layer {depth}",
        f"./d {oct(0o700 | depth & 0o77)} a directory",
    }


@pytest.mark.parametrize("tier", TIERS)
def test_every_file_of_a_deep_image_is_there(plash: Bench, tier: str) -> None:
    make_chain(plash, 500)
    program = plash.person.program(__file__, "census.py")
    for depth in (1, 2, 100, 135, 140, 499, 500):
        words: list[Word] = ["engine:with", "--overlay-tier", tier, plash.store, depth]
        done = plash(*words, "--", "/usr/bin/python3", program, check=True)
        assert set(done.stdout.splitlines()) == merged_chain(depth), depth


def test_the_deepest_image_is_run_and_one_deeper_is_refused(
    plash: Bench, busybox_tar: Path
) -> None:
    make_chain(plash, 501)
    done = plash("run", "501", "true")
    assert done.returncode == 1
    assert "more than 500 layers" in done.stderr
    assert "squash" in done.stderr
    assert leftovers(plash.store) == []

    assert plash.extract(plash.content(1), busybox_tar).returncode == 0
    done = plash("run", "500", "sh", "-c", "ls / | grep -c ^f")
    assert (done.stdout, done.returncode) == ("500\n", 0), done.stderr


def test_leftovers_of_a_crash_are_explained(
    plash: Bench, image: str, playground: Path
) -> None:
    changes = playground / "changes"
    mark = changes / "work/work/incompat/volatile"
    plash.person.run(["mkdir", "-p", changes / "data", mark], check=True)
    done = plash("run:persist", image, changes, "true")
    assert done.returncode == 1
    assert "Start again with an empty directory" in done.stderr
    assert done.stderr.count("\n") == 1
