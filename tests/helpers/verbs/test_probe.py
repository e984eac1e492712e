"""What the probe says where something is missing: tried on systems that lack it.

Root plays them in a mount namespace of the test's own, and then becomes the person.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import cannot
from tests.helpers import refusing
from tests.helpers.conftest import Bench
from tests.people import one_at_a_time

Answer = dict[str, Any]
PLAIN = pytest.mark.parametrize("person", ["full", "single"], indirect=True)
FULL = pytest.mark.parametrize("person", ["full"], indirect=True)
SINGLE = pytest.mark.parametrize("person", ["single"], indirect=True)
NEWUIDMAP = Path("/usr/bin/newuidmap")


@pytest.fixture(autouse=True)
def _nobody_is_made(people: object) -> Iterator[None]:
    """No other worker writes the tables of users, which are looked at here."""
    assert people, "they are made before"
    with one_at_a_time():
        yield


def _run(plash: Bench, argv: Sequence[str]) -> subprocess.CompletedProcess[str]:
    if os.geteuid() != 0:
        cannot("only root can play another system")
    return subprocess.run(
        argv,
        env=plash.person.environment(plash.environment()),
        cwd=plash.person.home,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _behind(setup: str, argv: Sequence[str]) -> list[str]:
    """The command line that runs `argv` on a system changed by `setup`."""
    script = f'set -e; {setup}\nexec "$@"'
    return ["unshare", "-m", "sh", "-c", script, "sh", *argv]


def _words(plash: Bench) -> list[str]:
    return plash.person.argv([plash.program, "engine:probe", plash.store])


def _answer(plash: Bench, argv: Sequence[str]) -> Answer:
    done = _run(plash, argv)
    assert done.returncode == 0, done.stderr
    found: Answer = json.loads(done.stdout)
    return found


def _on(plash: Bench, setup: str, refused: str = "") -> Answer:
    argv = _words(plash)
    return _answer(
        plash, _behind(setup, refusing.behind(refused, argv) if refused else argv)
    )


def _needed(found: Answer, fact: str) -> tuple[str, str]:
    """The problem and the remedy of the one thing that is needed and missing."""
    hints = [hint for hint in found["hints"] if not hint["optional"]]
    assert [hint["fact"] for hint in hints] == [fact], hints
    return hints[0]["problem"], hints[0]["remedy"]


def _table(path: Path, text: str, over: str) -> str:
    """A file with this text, bound over another one."""
    path.write_text(text)
    path.chmod(0o755)
    return f"mount --bind {path} {over}\n"


def _settings(playground: Path, **values: int) -> str:
    """Kernel settings that this kernel need not have."""
    place = playground / "settings"
    place.mkdir()
    for name, value in values.items():
        (place / name).write_text(f"{value}\n")
    return f"mount --bind {place} /proc/sys/kernel\n"


@PLAIN
@pytest.mark.parametrize(
    ("error", "problem", "remedy"),
    [
        ("EPERM", "seccomp", "--security-opt seccomp=unconfined"),
        ("ENOSPC", "too many user namespaces", "user.max_user_namespaces=10000"),
        ("EINVAL", "has no user namespaces", "CONFIG_USER_NS=y"),
    ],
)
def test_refused_namespaces(
    plash: Bench, error: str, problem: str, remedy: str
) -> None:
    found = _answer(plash, refusing.behind(f"unshare={error}", _words(plash)))
    said, advice = _needed(found, "map")
    assert found["map"] == "none"
    assert not found["overlay"]
    assert problem in said
    assert remedy in advice
    assert list((plash.store / "tmp").iterdir()) == []


@PLAIN
def test_namespaces_that_are_switched_off(plash: Bench) -> None:
    program = plash.person.program(__file__, "last_namespace.py")
    argv = ["/usr/bin/python3", str(program), *_words(plash)]
    problem, remedy = _needed(_answer(plash, argv), "map")
    assert "switched off" in problem
    assert remedy == "As root: sysctl user.max_user_namespaces=10000"


@PLAIN
def test_namespaces_that_debian_switches_off(plash: Bench, playground: Path) -> None:
    setup = _settings(playground, unprivileged_userns_clone=0)
    problem, remedy = _needed(_on(plash, setup, "unshare=EPERM"), "map")
    assert "for plain users" in problem
    assert remedy == "As root: sysctl kernel.unprivileged_userns_clone=1"


@PLAIN
@pytest.mark.parametrize(
    ("refused", "fact"), [("unshare=EACCES", "map"), ("mount=EACCES", "overlay")]
)
def test_namespaces_that_apparmor_keeps(
    plash: Bench, playground: Path, refused: str, fact: str
) -> None:
    """It may let them be made, and even mapped, and then forbid every mount."""
    setup = _settings(playground, apparmor_restrict_unprivileged_userns=1)
    found = _on(plash, setup, refused)
    (hint,) = [hint for hint in found["hints"] if hint["fact"] == fact]
    assert "AppArmor" in hint["problem"]
    remedy = hint["remedy"]
    assert "sysctl kernel.apparmor_restrict_unprivileged_userns=0" in remedy
    # The profile is written by what is told to be typed.
    command = "printf" + remedy.split("printf")[1].split(">/etc/apparmor.d")[0]
    profile = subprocess.run(["sh", "-c", command], capture_output=True, check=True)
    program = plash.program.resolve()
    assert profile.stdout.decode() == (
        "abi <abi/4.0>,\n"
        f'profile plash "{program}" flags=(unconfined) {{\n  userns,\n}}\n'
    )


@PLAIN
def test_apparmor_is_named_by_what_is_run(
    plash: Bench, playground: Path, image: str
) -> None:
    setup = _settings(playground, apparmor_restrict_unprivileged_userns=1)
    run = plash.person.argv([plash.program, "run", image, "true"])
    done = _run(plash, _behind(setup, refusing.behind("mount=EACCES", run)))
    assert done.returncode == 1
    assert "AppArmor denies user namespaces" in done.stderr
    assert len(done.stderr.splitlines()) == 1


_NO_BIT = "cp {0} {1}/copy; chmod 755 {1}/copy; mount --bind {1}/copy {0}"
_NOSUID = "mount --bind {0} {0}; mount -o remount,bind,nosuid {0}"


@FULL
@pytest.mark.parametrize(
    ("setup", "problem", "remedy"),
    [
        ("mount --bind /dev/null {0}", "is not installed", "apt install uidmap"),
        (_NO_BIT, "lost its setuid bit", "chown root {0} && chmod u+s {0}"),
        (_NOSUID, "with nosuid", "without nosuid"),
    ],
    ids=["missing", "without its bit", "nosuid"],
)
@pytest.mark.parametrize("name", ["newuidmap", "newgidmap"])
def test_programs_that_cannot_map(
    plash: Bench, playground: Path, name: str, setup: str, problem: str, remedy: str
) -> None:
    program = NEWUIDMAP.with_name(name)
    found = _on(plash, setup.format(program, playground))
    said, advice = _needed(found, "map")
    assert found["map"] == "single"
    assert found["overlay"]
    assert problem in said
    assert name in said
    assert remedy.format(program) in advice


@SINGLE
def test_all_that_somebody_lacks_is_told_at_once(plash: Bench) -> None:
    found = _on(plash, f"mount --bind /dev/null {NEWUIDMAP}")
    _problem, remedy = _needed(found, "map")
    assert f" {plash.person.name}. As root: apt install uidmap" in remedy


@FULL
def test_no_new_privileges_are_named(plash: Bench) -> None:
    words = [*plash.person.prefix, "setpriv", "--no-new-privs"]
    argv = [*words, str(plash.program), "engine:probe", str(plash.store)]
    problem, remedy = _needed(_answer(plash, argv), "map")
    assert "no_new_privs is set" in problem
    assert "no-new-privileges" in remedy
    # In a namespace with one id, nothing seems to belong to root either.
    argv = [*words, "unshare", "-U", str(plash.program), "engine:probe"]
    hints = json.dumps(_answer(plash, argv)["hints"])
    assert "setuid" not in hints


@FULL
def test_newuidmap_says_itself_why_it_fails(plash: Bench, playground: Path) -> None:
    fake = playground / "fake"
    setup = _table(fake, "#!/bin/sh\necho no luck today >&2\nexit 1\n", str(NEWUIDMAP))
    fake.chmod(0o4755)
    problem, remedy = _needed(_on(plash, setup), "map")
    assert problem == "newuidmap failed: no luck today"
    assert f"the lines of {plash.person.name}" in remedy


@PLAIN
def test_the_next_free_range_is_named(plash: Bench, playground: Path) -> None:
    name = plash.person.name
    uids, gids = playground / "uids", playground / "gids"
    setup = _table(uids, "b:165536:65536\na:100000:65536\n", "/etc/subuid")
    setup += _table(gids, "a:231072:10\n", "/etc/subgid")
    problem, remedy = _needed(_on(plash, setup), "map")
    ids = "231082-296617"
    assert problem == f"{name} has no subordinate ids in /etc/subuid and /etc/subgid"
    assert remedy == f"As root: usermod --add-subuids {ids} --add-subgids {ids} {name}"

    uids.write_text(f"{uids.read_text()}{name}:231082:65536\n")
    problem, remedy = _needed(_on(plash, setup), "map")
    assert problem == f"{name} has no subordinate ids in /etc/subgid"
    assert remedy == f"As root: usermod --add-subgids 296618-362153 {name}"

    gids.write_text(f"{gids.read_text()}{name}:296618:65536\n")
    found = _on(plash, setup)
    assert found["map"] == "full"
    assert not [hint for hint in found["hints"] if not hint["optional"]]


@SINGLE
def test_somebody_usermod_does_not_know(plash: Bench, playground: Path) -> None:
    setup = _table(playground / "none", "", "/etc/subuid")
    setup += f"mount --bind {playground}/none /etc/subgid\n"
    setup += _table(playground / "passwd", "root:x:0:0::/:/bin/sh\n", "/etc/passwd")
    argv = ["setpriv", f"--reuid={plash.person.uid}", f"--regid={plash.person.gid}"]
    argv += ["--clear-groups", str(plash.program), "engine:probe", str(plash.store)]
    _problem, remedy = _needed(_answer(plash, _behind(setup, argv)), "map")
    assert remedy == (
        f"As root: echo '{plash.person.uid}:100000:65536' "
        "| tee -a /etc/subuid /etc/subgid"
    )


_GETSUBIDS = """#!/bin/sh
echo asked >>{0}/asked
[ "$1" = -g ] && {{ shift; echo "0: $1 800000 7"; exit; }}
printf '0: %s 700000 5\\n1: %s 700100 6\\n' "$1" "$1"
"""
_RECORD = """#!/bin/sh
shift
echo "${0##*/} $*" >>%s/asked
exit 1
"""


def _directory_service(playground: Path) -> str:
    (playground / "asked").touch()
    (playground / "asked").chmod(0o666)
    setup = _table(
        playground / "getsubids", _GETSUBIDS.format(playground), "/usr/bin/getsubids"
    )
    conf = "passwd: files\n subid:\tsss  # from far away\n"
    return setup + _table(playground / "conf", conf, "/etc/nsswitch.conf")


@SINGLE
def test_ids_that_a_service_keeps_are_mapped(plash: Bench, playground: Path) -> None:
    if not Path("/usr/bin/getsubids").exists():
        cannot("getsubids is not installed (Debian: uidmap)")
    setup = _directory_service(playground)
    for name in ("newuidmap", "newgidmap"):
        record = _RECORD.replace("%s", str(playground))
        setup += _table(playground / name, record, f"/usr/bin/{name}")
    _on(plash, setup)
    asked = sorted(set((playground / "asked").read_text().splitlines()))
    uid, gid = plash.person.uid, plash.person.gid
    assert asked == [
        "asked",
        f"newgidmap 0 {gid} 1 1 800000 7",
        f"newuidmap 0 {uid} 1 1 700000 5 6 700100 6",
    ]


@SINGLE
def test_a_service_that_keeps_no_ids_is_named(plash: Bench, playground: Path) -> None:
    setup = _directory_service(playground)
    (playground / "getsubids").write_text("#!/bin/sh\nexit 1\n")
    problem, remedy = _needed(_on(plash, setup), "map")
    assert problem.endswith(f"no subordinate uids of {plash.person.name} (source: sss)")
    assert remedy.startswith("Ask the administrator for ids from sss")


@FULL
def test_nobody_is_asked_whose_ids_are_in_the_files(
    plash: Bench, playground: Path
) -> None:
    setup = _directory_service(playground)
    _on(plash, setup)
    assert (playground / "asked").read_text() == ""


def test_a_kernel_without_overlays(plash: Bench) -> None:
    refused = refusing.behind("fsopen=ENOSYS,mount=ENODEV", _words(plash))
    found = _answer(plash, refused)
    assert found["overlay_why"] == "this kernel has no overlay file system"
    remedies = [h["remedy"] for h in found["hints"] if h["fact"] == "overlay"]
    assert remedies == ["As root: modprobe overlay"]


def test_a_kernel_without_landlock_has_all_that_is_needed(plash: Bench) -> None:
    refused = refusing.behind("landlock_create_ruleset=ENOSYS", _words(plash))
    found = _answer(plash, refused)
    (hint,) = [hint for hint in found["hints"] if hint["fact"] == "landlock"]
    assert hint["optional"]
    assert found["landlock"] == 0


def _chroot(root: Path, base: Path) -> str:
    """In a directory that holds all that this system has."""
    script = f"mkdir -p {root}{base}; mount --bind {base} {root}{base}\n"
    for name in ("bin", "dev", "etc", "lib", "lib64", "proc", "sbin", "usr"):
        if Path("/", name).is_dir():
            script += f"mkdir -p {root}/{name}; mount --rbind /{name} {root}/{name}\n"
    return script


@pytest.mark.parametrize("mounted", [False, True])
def test_a_chroot_is_recognized(
    plash: Bench, playground: Path, base: Path, mounted: bool
) -> None:
    root = playground / "root"
    root.mkdir()
    setup = f"mount --bind {root} {root}\n" if mounted else ""
    setup += _chroot(root, base)
    found = _answer(plash, _behind(setup, ["chroot", str(root), *_words(plash)]))
    if plash.person.map == "root" and mounted:
        assert found["overlay"]
        return
    fact = "overlay" if plash.person.map == "root" else "map"
    problem, remedy = _needed(found, fact)
    assert "a chroot" in problem
    assert ("mount --bind" if fact == "overlay" else "systemd-nspawn") in remedy


def _store_on(plash: Bench, kind: str) -> str:
    script = f"mount -t {kind} {kind} {plash.store}; cd {plash.store}\n"
    script += "mkdir -p index layer/0/_data/root map tmp mnt\n"
    return script + f"chown -R {plash.person.uid}:{plash.person.gid} .; cd /\n"


def test_a_store_in_memory(plash: Bench) -> None:
    found = _on(plash, _store_on(plash, "tmpfs"))
    assert found["overlay"]
    facts = [hint["fact"] for hint in found["hints"]]
    assert found["xattrs"] is ("xattrs" not in facts)  # Linux 6.6


def test_a_store_that_keeps_no_attributes(plash: Bench) -> None:
    found = _on(plash, _store_on(plash, "ramfs"))
    (hint,) = [hint for hint in found["hints"] if hint["fact"] == "xattrs"]
    assert not found["xattrs"]
    assert f"attributes in {plash.store}" in hint["problem"]
    assert "PLASH_DATA" in hint["remedy"]


@PLAIN
def test_fuse_may_be_missing(plash: Bench) -> None:
    program = shutil.which("fusermount3")
    if not program:
        cannot("fusermount3 is not installed (Debian: fuse3)")
    found = _on(plash, f"mount --bind /dev/null {program}")
    (hint,) = [hint for hint in found["hints"] if hint["fact"] == "fuse"]
    assert hint["optional"]
    assert not found["fuse"]
