"""Every way out of a container that is known by a number, and a few more, is shut.

What the image holds is hostile, and so is the program that runs in it. Each test is as
root, as a user with subordinate ids, and as one without.
"""

from __future__ import annotations

import fcntl
import os
import re
import shlex
import shutil
import socket
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import CHECKOUT, cannot
from tests.helpers.conftest import Bench, Word
from tests.helpers.run.test_evil_images import fingerprint
from tests.helpers.run.test_isolate import sh, wishing
from tests.tools import only_child, wait_for


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


@pytest.fixture(scope="session")
def loader(base: Path) -> Path:
    """A dynamic loader that harms the program which it should load."""
    if os.uname().machine != "x86_64":
        pytest.skip("the loader is written for x86-64")
    if not shutil.which("gcc"):
        cannot("gcc is not installed")
    source, path = Path(__file__).with_name("loader.c"), base / "loader"
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


# System calls


@pytest.fixture(scope="session")
def attack(base: Path) -> Path:
    """A static program that tries things; see attack.c."""
    if not shutil.which("gcc"):
        cannot("gcc is not installed")
    source, path = Path(__file__).parent / "attack.c", base / "attack"
    subprocess.run(["gcc", "-O1", "-static", "-o", path, source], check=True)
    path.chmod(0o755)
    return path


@pytest.fixture
def armed(plash: Bench, image: str, attack: Path) -> str:
    """An image with that program, as /bin/attack."""
    return plash.layer(f"mkdir -p bin; cp {attack} bin/attack", image)


def tries(
    plash: Bench, image: str, what: str, *words: object, options: str = ""
) -> list[int]:
    """The errors that the tries end with; 0 for those that succeed."""
    run = ["run", "--isolate", *options.split(), image, "/bin/attack", what]
    done = plash(*run, *map(str, words), check=True)
    return [int(line) for line in done.stdout.split()]


class Rule(NamedTuple):
    """A line of the table in seccomp.c."""

    name: str
    numbers: tuple[int | None, ...]
    action: str


def rules() -> list[Rule]:
    """That table."""
    text = (CHECKOUT / "helpers/run/seccomp.c").read_text()
    form = r'\{"(\w+)", \{(\w+), (\w+), (\w+), (\w+)\}, (\w+), FILTER_\w+\}'
    found = re.findall(form, text)
    assert len(found) > 60
    return [
        Rule(name, tuple(None if n == "NO" else int(n) for n in numbers), action)
        for name, *numbers, action in found
    ]


def native() -> int:
    """The column of this machine's numbers in the table."""
    columns = {"x86_64": 0, "aarch64": 2, "riscv64": 2}
    if os.uname().machine not in columns:
        pytest.skip("the filter does not know this machine")
    return columns[os.uname().machine]


def test_the_numbers_of_the_table_are_those_of_libseccomp() -> None:
    resolver = shutil.which("scmp_sys_resolver")
    if not resolver:
        cannot("scmp_sys_resolver (Debian: seccomp) is not installed")
    assert resolver
    for rule in rules():
        for arch, number in zip(
            ("x86_64", "x86", "aarch64", "arm"), rule.numbers, strict=True
        ):
            words = [resolver, "-a", arch, rule.name]
            done = subprocess.run(words, capture_output=True, text=True, check=False)
            told = int(done.stdout) if done.returncode == 0 else -1
            if told >= 0 or number is None:  # the library may be older than the table
                assert told == number or (number is None and told < 0), (rule, arch)


@pytest.mark.parametrize("kind", ["call", "call32"])
def test_every_call_of_the_table_is_refused(
    plash: Bench, armed: str, kind: str
) -> None:
    """CVE-2022-0185 (fsconfig), open_by_handle_at ("shocker"), and whatever is next."""
    column = native() if kind == "call" else 1
    if kind == "call32" and (
        os.uname().machine != "x86_64" or tries(plash, armed, kind, 20) != [0]
    ):
        pytest.skip("this machine runs no 32-bit programs")
    asked = [
        (rule.numbers[column], 38 if rule.action == "ABSENT" else 1, rule.name)
        for rule in rules()
        if rule.action in ("REFUSED", "ABSENT") and rule.numbers[column] is not None
    ]
    answers = tries(plash, armed, kind, *(number for number, _, _ in asked))
    wrong = [
        (name, expected, answer)
        for (_number, expected, name), answer in zip(asked, answers, strict=True)
        if answer != expected
    ]
    assert not wrong


def test_calls_are_refused_by_what_they_ask_for(plash: Bench, armed: str) -> None:
    if native() != 0:
        pytest.skip("the numbers of the system calls are x86-64's")
    tried = {
        **{f"56,{flag | 17}": 1 for flag in NAMESPACES},  # clone
        **{f"272,{flag}": 1 for flag in (*NAMESPACES, 0x80)},  # unshare
        "272,0x400": 0,
        **dict.fromkeys(("16,0,0x5412,0", "16,0,0x100005412,0", "16,0,0x541c,0"), 1),
        "16,99,0x5401,0": 9,  # another ioctl
        **{"135,0xffffffff": 0, "135,0x8": 0, "135,0x40000": 1},  # personality
        **{"41,1,1,0": 0, "41,38,5,0": 1, "41,40,1,0": 1},  # socket
        **{"435,0,0": 38, "470": 38, "5000": 38, "0x40000027": 38},
    }
    answers = tries(plash, armed, "call", *tried)
    assert dict(zip(tried, answers, strict=True)) == tried
    assert tries(plash, armed, "clone3", "x") == [38]


NAMESPACES = [1 << bit for bit in (17, 25, 26, 27, 28, 29, 30)]


def test_with_seccomp_off_only_the_terminal_is_guarded(
    plash: Bench, armed: str
) -> None:
    if native() != 0:
        pytest.skip("the numbers of the system calls are x86-64's")
    tried = {"16,0,0x5412,0": 1, "16,0,0x541c,0": 1, "250,0,-3,0": 0}
    answers = tries(plash, armed, "call", *tried, options="--seccomp off")
    assert dict(zip(tried, answers, strict=True)) == tried


# Devices, keys, groups, sockets, processes


def test_the_devices_of_the_host_are_not_its_own(plash: Bench, armed: str) -> None:
    names = ["null", "zero", "full", "random", "urandom", "tty"]
    before = [os.stat(f"/dev/{name}") for name in names]
    script = (
        "for n in $*; do chmod 640 /dev/$n; chown 33:33 /dev/$n; done;"
        " for n in 0 1 2; do attack chmod $n; done; echo x >/dev/null"
    )
    words: list[object] = [plash.program, "run", "--isolate", armed, "sh", "-c", script]
    line = shlex.join([*map(str, words), "sh", *names])
    plash.person.run(
        ["sh", "-c", f"{line} </dev/null >/dev/full 2>/dev/zero"],
        env=plash.environment(),
    )
    after = [os.stat(f"/dev/{name}") for name in names]
    facts = [(s.st_mode, s.st_uid, s.st_gid) for s in before]
    assert [(s.st_mode, s.st_uid, s.st_gid) for s in after] == facts


def test_the_groups_of_the_host_are_not_to_be_mounted(plash: Bench, image: str) -> None:
    """CVE-2022-0492: and with one's own namespace of users neither."""
    mounts = (
        "mkdir /tmp/c; mount -t cgroup2 c /tmp/c || mount -t cgroup -o rdma c /tmp/c"
    )
    inner = f"{mounts}; ls /tmp/c"
    for words in (["sh", "-c", inner], ["unshare", "-Urm", "sh", "-c", inner]):
        done = plash("run", "--isolate", "--rw", image, *words)
        assert done.stdout == ""
        assert "permitted" in done.stderr or "denied" in done.stderr


GROUPS = (
    "mkdir -p /tmp/c; mount -t cgroup2 c /tmp/c || mount -t cgroup -o freezer c /tmp/c"
    " && { ls /tmp/c; cat /tmp/c/cgroup.procs; }"
)


@pytest.mark.parametrize("person", ["root"], indirect=True)
def test_without_the_filter_only_its_own_groups_can_be_mounted(
    plash: Bench, armed: str, playground: Path
) -> None:
    """Neither by one that joins another: that is in the groups of that."""
    off, changes = ["--isolate", "--seccomp", "off"], playground / "changes"

    def files(*words: str | Path) -> set[str]:
        done = plash(*words, "/bin/attack", "unshared", GROUPS)
        return {word for word in done.stdout.split() if not word.isdecimal()}

    alone = files("run", *off, armed)
    assert "cgroup.procs" in alone
    assert "release_agent" not in alone
    for first, found in ((["--isolate"], set()), (off, alone)):
        words: list[Word] = ["run:persist", *first, armed, changes, "sh", "-c"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        run = plash.start(*words, "echo in; read x", **pipes)
        assert run.stdout
        assert run.stdout.readline() == b"in\n"
        assert files("run:persist", *off, armed, changes) == found
        run.communicate(b"\n", timeout=30)


def test_abstract_sockets_of_the_host_are_out_of_reach(
    plash: Bench, armed: str
) -> None:
    """CVE-2020-15257."""
    name = f"plash-test-{os.getpid()}-{plash.person.map}"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"\0{name}")
        server.listen()
        assert tries(plash, armed, "connect", name) == [111]
        assert tries(plash, armed, "connect", name, options="--net") == [0], "as said"


def test_the_process_that_prepared_it_cannot_be_traced(
    plash: Bench, armed: str
) -> None:
    """CVE-2016-9962."""
    assert tries(plash, armed, "trace", 1) == [1]


def test_no_library_of_the_image_is_loaded_to_enter_it(
    plash: Bench, image: str, loader: Path, playground: Path
) -> None:
    """CVE-2019-14271: to find out who a user is, docker asked the image's libraries."""
    child = plash.layer(
        "mkdir -p etc lib64 lib/x86_64-linux-gnu; echo passwd: evil >etc/nsswitch.conf;"
        " echo root:x:0:0::/:/bin/sh >etc/passwd; for f in lib64/ld-linux-x86-64.so.2"
        " lib/x86_64-linux-gnu/libc.so.6 lib/x86_64-linux-gnu/libnss_evil.so.2;"
        f" do cp {loader} $f; done",
        image,
    )
    before = fingerprint(plash.program)
    for user in ("root", "nobody-here"):
        done = plash("run", "--isolate", "-u", user, child, "/bin/echo", "in")
        assert done.stdout == ("in\n" if user == "root" else "")
    plash.person.run(
        [plash.person.bin / "plashui", "push:dir", child, playground / "out"],
        env=plash.environment(),
        check=True,
    )
    assert fingerprint(plash.program) == before


# Places of the kernel


@pytest.mark.parametrize(
    "trap",
    [
        "mkdir dev; ln -s /proc/sys/kernel/core_pattern dev/null",
        "mkdir dev; ln -s /proc/sysrq-trigger dev/console",
        "ln -s /proc/sys/kernel dev",
        "ln -s /proc/self/fd dev",
        "mkdir -p dev/pts; ln -s /proc/sysrq-trigger dev/pts/0",
        "ln -s sys proc; mkdir -p sys/sys/kernel",
        "ln -s proc/sys sys",
        "ln -s /oldroot/proc/sys/kernel dev; ln -s /oldroot/tmp run",
        "ln -s ../oldroot/proc proc; ln -s oldroot/proc/sys tmp",
    ],
)
def test_what_hides_and_what_is_hidden_is_not_the_images(
    plash: Bench, image: str, trap: str
) -> None:
    """CVE-2025-31133 (a link as /dev/null), -52565 (as /dev/console), -52881.

    CVE-2019-19921 (as /proc); of crun CVE-2026-47766, -88264, -88265, of runc -41579
    (as /dev and in it), of bubblewrap -87766 (through where the old root was).
    """
    child = plash.layer(trap, image)
    before = Path("/proc/sys/kernel/core_pattern").read_text()
    script = (
        "cat /proc/keys /proc/timer_list /proc/interrupts /proc/kcore 2>/dev/null;"
        " ls /proc/acpi /proc/scsi /sys/firmware 2>/dev/null | grep -v :;"
        " for f in sys/kernel/core_pattern sysrq-trigger sys/vm/drop_caches"
        " sys/kernel/shmmax sys/net/ipv4/ip_forward irq/x bus/x fs/x;"
        " do (echo x >/proc/$f) 2>/dev/null && echo wrote $f; done; test -c /dev/null"
    )
    run = shlex.join(
        [str(plash.program), "run", "--isolate", child, "sh", "-c", script]
    )
    plain = plash("run", "--isolate", child, "sh", "-c", script)
    assert (plain.stdout.strip(), plain.returncode) == ("", 0), plain.stderr
    if shutil.which("script"):  # with a terminal there is a /dev/console
        words = ["script", "-qec", run, "/dev/null"]
        done = plash.person.run(words, env=plash.environment())
        assert (done.stdout.strip(), done.returncode) == ("", 0)
    assert Path("/proc/sys/kernel/core_pattern").read_text() == before


def test_what_is_in_memory_is_bounded(plash: Bench, image: str) -> None:
    script = "df -k /tmp /run /dev /dev/shm | sed 1d | tr -s ' ' | cut -d' ' -f2"
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024
    sizes = [int(line) for line in sh(plash, image, script).split()]
    assert len(sizes) == 4
    assert sum(sizes) < total / 2
    fill = "head -c 200000 /dev/zero >/dev/x; wc -c </dev/x"
    done = plash("run", "--isolate", image, "sh", "-c", fill)
    assert int(done.stdout) <= 65536


# Limits


def groups_of(pid: int) -> list[Path]:
    """The control groups that a run, which is known by its process, has left."""
    return list(Path("/sys/fs/cgroup").rglob(f"plash-{pid}"))


def limited(plash: Bench, image: str, script: str, *options: str) -> tuple[str, str]:
    """Output and errors of a run with limits.

    Skips where it says clearly that there can be none.
    """
    words = ["run", "--isolate", *options, image, "sh", "-c", script]
    run = plash.start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = (said.decode() for said in run.communicate())
    assert groups_of(run.pid) == []
    if err.startswith("plash error: cannot limit the "):
        assert (out, run.returncode, err.count("\n")) == ("", 1, 1)
        assert ". " in err, "it says what to do"
        pytest.skip(err.strip())
    return out, err


def test_memory_is_limited_and_the_host_goes_on(plash: Bench, image: str) -> None:
    eat = "head -c 90000000 /dev/zero | tail -c 80000000 | wc -c; echo on"
    killed, remarks = limited(plash, image, eat, "--memory", "20M")
    assert killed == "0\non\n", remarks
    assert limited(plash, image, eat, "--memory", "500M")[0] == "80000000\non\n"


def test_processes_are_limited(plash: Bench, image: str) -> None:
    fork = "for i in 1 2 3 4 5 6 7 8; do sleep 0.2 & done; wait; echo on"
    out, err = limited(plash, image, fork, "--pids", "5")
    assert out == ""
    assert "can't fork" in err
    both = ["--pids", "12", "--memory", "1G"]
    assert limited(plash, image, fork, *both)[0] == "on\n"


def test_the_group_of_a_killed_run_is_swept(plash: Bench, image: str) -> None:
    limited(plash, image, "true", "--pids", "50")
    words = ["run", "--isolate", "--pids", "50", image, "sh", "-c", "echo in; sleep 99"]
    run = plash.start(*words, stdout=subprocess.PIPE)
    assert run.stdout
    assert run.stdout.readline() == b"in\n"
    keeper = only_child(run.pid)
    run.kill()
    run.wait()
    run.stdout.close()
    wait_for(lambda: not Path(f"/proc/{keeper}").exists(), "the keeper to end")
    limited(plash, image, "true", "--pids", "50")
    assert groups_of(run.pid) == []


@pytest.fixture
def groups_above(plash: Bench) -> Path:
    """The directory in which root's runs here make their groups for limits."""
    if plash.person.map != "root":
        pytest.skip("the groups of this test are root's")
    words = ["run", "--isolate", "--pids", "50", "1", "sleep", "99"]
    run = plash.start(*words)

    def made() -> list[Path]:
        return groups_of(run.pid) if run.poll() is None else [Path("/none/none")]

    wait_for(made, "the group")
    (group,) = made()
    run.terminate()
    run.wait()
    if not group.parent.exists():
        pytest.skip("no control group can be made here")
    return group.parent


def test_a_group_is_in_use_whatever_its_pid_is_called_elsewhere(
    plash: Bench, image: str, groups_above: Path
) -> None:
    assert image == "1"
    used, left = (groups_above / f"plash-{os.getpid()}-{x}" for x in ("a", "b"))
    for group in (used, left):
        group.mkdir()
    lock = os.open(used, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        elsewhere = ["unshare", "--pid", "--fork", "--kill-child"]
        words = [plash.program, "run", "--isolate", "--pids", "50", image, "sh", "-c"]
        script = "echo in; read end; echo $end"
        runs = [
            subprocess.Popen(
                [*elsewhere, *map(str, words), script],
                env=plash.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(2)
        ]
        for run in runs:
            assert run.stdout
            assert run.stdout.readline() == "in\n"
        for run in runs:  # each is process 1 where it is
            assert run.communicate("out\n")[0] == "out\n"
        assert used.is_dir()
        assert not left.exists()
    finally:
        os.close(lock)
        for group in (used, left):
            if group.exists():
                group.rmdir()


# What others may run


def test_what_is_left_setuid_is_nobody_elses_to_run(
    plash: Bench, image: str, playground: Path
) -> None:
    script = "cp /bin/busybox /v/x; chmod 4755 /v/x; cp /v/x /x; chmod 4755 /x"
    sh(plash, image, script, "--rw", "-v", "mine:/v")
    changes = playground / "changes"
    words: list[object] = ["run:persist", "--isolate", image, changes, "touch", "/x"]
    plash(*map(str, words), check=True)
    for directory in (plash.store / "volumes", changes):
        assert directory.stat().st_mode & 0o777 == 0o700
    (plash.store / "volumes").chmod(0o755)  # of an older version
    sh(plash, image, "true", "-v", "mine:/v")
    assert (plash.store / "volumes").stat().st_mode & 0o777 == 0o700


def test_a_mounted_image_has_no_setuid_files_and_no_devices(
    plash: Bench, image: str, playground: Path
) -> None:
    if plash.person.map != "root":
        pytest.skip("only root mounts for others")
    place = playground / "place"
    place.mkdir()
    child = plash.layer("mknod -m 666 zero c 1 5", image)
    for options in ([], [playground / "changes"]):
        plash("mount", child, place, *options, check=True)
        try:
            with pytest.raises(PermissionError):
                (place / "zero").open("rb")
            flags = os.statvfs(place).f_flag
            assert flags & os.ST_NOSUID
            assert flags & os.ST_NODEV
        finally:
            plash("umount", place, check=True)
    shown = plash(
        "mounted", child, "sh", "-c", "head -c1 zero; grep ' / ' /proc/mounts"
    )
    assert "\0" not in shown.stdout
