"""Fixtures: people, programs, stores and real root filesystems, all self-cleaning."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final, NamedTuple

import psutil
import pytest

from tests import dockerd
from tests.amount import (
    AMOUNT,
    ASKED,
    FEW,
    SEED,
    THOROUGH,
    WHOLE,
    in_turn,
    sample,
)
from tests.people import (
    KINDS,
    STRICT,
    MapKind,
    Person,
    made_user,
    myself,
    one_at_a_time,
    remove_users_of_dead_runs,
)
from tests.registries import PROGRAMS, Registries, running

CHECKOUT: Final = Path(__file__).parent.parent
MEMORY: Final = Path("/dev/shm")
PLENTY: Final = 6 << 30
"""Bytes of memory that must be free for the stores to be there."""

_SAMPLING: Final = "PLASHUI_TEST_SAMPLING"


def pytest_configure(config: pytest.Config) -> None:
    """Let signals be as in any other run where this one is in the background.

    A shell ignores SIGINT for what it starts with `&`, nohup does SIGHUP, and what is
    ignored stays so in every program that the tests start.
    """
    _check_tmpdir()
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            interrupts = number == signal.SIGINT
            signal.signal(
                number, signal.default_int_handler if interrupts else signal.SIG_DFL
            )
    named = not ASKED and config.args_source is pytest.Config.ArgsSource.ARGS
    if not hasattr(config, "workerinput"):  # else the one who starts workers has set it
        os.environ[_SAMPLING] = "" if WHOLE or named else "yes"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep what runs in this process away from the cache of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


def pytest_report_header() -> str:
    """Say what is tested, and how to test the same again."""
    return f"tests: {AMOUNT}, PLASHUI_TEST_SEED={SEED} (see tests/amount.py)"


def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Run a sample, unless all is wanted or tests are named."""
    left_out: list[pytest.Item] = []
    if os.geteuid() == 0 and not THOROUGH:  # else there is one kind of person only
        items[:], left_out = in_turn(items, KINDS)
    if os.environ.get(_SAMPLING):
        items[:], more = sample(items, () if FEW else KINDS)
        left_out += more
    config.hook.pytest_deselected(items=left_out)


def cannot(reason: str) -> None:
    """Skip with the reason; where CI wants no skips, fail."""
    if STRICT:
        pytest.fail(f"cannot run here: {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def base() -> Iterator[Path]:
    """A directory everybody may enter, gone at the end of the run."""
    yield from _base(_place_of_stores())


@pytest.fixture(scope="session")
def memory(base: Path) -> Iterator[Path]:
    """The same in memory, where there is room for it: for very many files."""
    yield from _base(MEMORY) if os.access(MEMORY, os.W_OK) else [base]


def _check_tmpdir() -> None:
    """Refuse a TMPDIR of which a plain run shows nothing: many tests look there."""
    place = os.environ.get("TMPDIR")
    shown = ("/tmp", "/home", "/root", "/dev")
    if place and not any(Path(place).resolve().is_relative_to(one) for one in shown):
        raise pytest.UsageError(
            f"TMPDIR is {place}, which a plain run does not share."
            f" Name a directory in {', '.join(shown)}"
        )


def _place_of_stores() -> Path:
    """The directory that TMPDIR names, else memory, if there is plenty of it."""
    disk = Path(tempfile.gettempdir())
    if "TMPDIR" in os.environ or not os.access(MEMORY, os.W_OK | os.X_OK):
        return disk
    executable = not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC
    free = min(shutil.disk_usage(MEMORY).free, psutil.virtual_memory().available)
    return MEMORY if executable and free > PLENTY else disk


def _base(place: Path) -> Iterator[Path]:
    for old in place.glob("plashui-tests-*-*"):
        dead = not Path("/proc", old.name.split("-")[2]).exists()
        if dead and old.stat().st_uid == os.getuid():
            _remove_tree(old)  # of a run that was killed
    path = Path(tempfile.mkdtemp(prefix=f"plashui-tests-{os.getpid()}-", dir=place))
    path.chmod(0o755)
    yield path
    for pid in processes_naming(path):  # of tests that failed half way
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    _remove_tree(path)


def processes_naming(path: Path) -> list[int]:
    """The processes whose command lines hold a path."""
    found = []
    name = os.fsencode(path)
    for pid in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError), open(f"/proc/{pid}/cmdline", "rb", 0) as command:
            if name in command.read() and int(pid) != os.getpid():
                found.append(int(pid))
    return found


def _remove_tree(path: Path) -> None:
    """Remove it, whatever its depth, also where files belong to our subordinate ids."""
    rm = ["rm", "-rf", "--one-file-system", str(path)]
    if subprocess.run(rm, check=False, capture_output=True).returncode:
        subprocess.run([helper(), "sudo", *rm], check=False)


def helper() -> Path:
    """The binary under test: PLASHUI_HELPER, else the installed, else build/plash."""
    chosen = os.environ.get("PLASHUI_HELPER")
    candidates = [Path(chosen)] if chosen else []
    candidates += [Path(sys.executable).parent / "plash", CHECKOUT / "build/plash"]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    pytest.fail("no plash binary: install the package first (see README)")


def starter() -> Path:
    """The binary `plashui`, which starts Python; it was built or installed with it."""
    built = helper().resolve().parent
    for candidate in (built / "python/plashui", built / "plashui"):
        if candidate.is_file():
            return candidate
    pytest.fail(f"no plashui binary beside {built}: build it anew")


class Programs(NamedTuple):
    """What is under test, where every person can run it."""

    bin: Path
    plash: Path
    plashui: Path


@pytest.fixture(scope="session")
def programs(base: Path) -> Programs:
    """`plash` and `plashui` in a directory that everybody may enter.

    The interpreter that runs the suite may live where a plain user may not go (a
    home of mode 0700), so as root an environment is made of the system's python3.
    """
    if os.geteuid() != 0 and not os.environ.get("PLASHUI_HELPER"):
        scripts = Path(sys.executable).parent
        return Programs(scripts, scripts / "plash", scripts / "plashui")
    return environment_for_all(base / "env")


def environment_for_all(env: Path) -> Programs:
    """An environment made of the system's python3, with the product in it."""
    python = Path("/usr/bin/python3")
    scripts = env / "bin"
    made = subprocess.run(
        [python, "-m", "venv", "--without-pip", env], check=False, capture_output=True
    )
    if made.returncode:
        cannot("Debian's python3-venv is not installed")
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    target = env / "lib" / version / "site-packages"
    if not target.is_dir():
        cannot(f"/usr/bin/python3 is not {version}, so its packages cannot be shared")
    ours = Path(sys.prefix) / "lib" / version / "site-packages"
    subprocess.run(["cp", "-a", f"{ours}/.", target], check=True)
    shutil.rmtree(target / "plashui", ignore_errors=True)
    shutil.copytree(
        CHECKOUT / "plashui", target / "plashui", ignore=lambda _d, _n: {"__pycache__"}
    )
    (target / "plashui-0.dist-info").mkdir(exist_ok=True)  # as an installer leaves it
    subprocess.run([scripts / "python3", "-m", "compileall", "-q", target], check=False)
    shutil.copy2(helper(), scripts / "plash")
    (scripts / "plash").chmod(0o755)
    for runtime in helper().resolve().parent.glob("plash-app*"):
        if runtime.is_file():
            shutil.copy2(runtime, scripts / runtime.name)
    plashui = scripts / "plashui"
    shutil.copy2(starter(), plashui)
    plashui.chmod(0o755)
    return Programs(scripts, scripts / "plash", plashui)


@pytest.fixture(scope="session")
def people(base: Path, programs: Programs) -> Iterator[dict[MapKind, Person]]:
    """Everybody who can be had here, by the kind of their id map."""
    me = myself(base, programs.bin)
    found: dict[MapKind, Person] = {me.map: me}
    with ExitStack() as stack:
        if os.geteuid() == 0:
            remove_users_of_dead_runs()
            for kind in KINDS[1:]:
                found[kind] = stack.enter_context(made_user(kind, base, programs.bin))
        yield found


def _someone(people: dict[MapKind, Person], kind: MapKind) -> Person:
    if kind not in people:
        cannot(f"only root can make a person of kind {kind!r}")
    if kind == "full" and not shutil.which("newuidmap"):
        cannot("newuidmap is not installed (Debian: uidmap)")
    return people[kind]


@pytest.fixture(params=KINDS)
def person(request: pytest.FixtureRequest, people: dict[MapKind, Person]) -> Person:
    """Root, a user with subordinate ids, a user without: the test runs as each."""
    kind: MapKind = request.param
    return _someone(people, kind)


@pytest.fixture
def anybody(people: dict[MapKind, Person]) -> Person:
    """One person, where it makes no difference who: a plain one if there is."""
    return people.get("full") or people.get("single") or people["root"]


@pytest.fixture
def playground(
    base: Path, person: Person, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """A directory of this person's own, gone after the test."""
    yield from playground_in(base, person, request.node.name)


@pytest.fixture
def place_of_anybody(
    anybody: Person, base: Path, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """A directory of one person's own."""
    yield from playground_in(base, anybody, request.node.name)


def playground_in(base: Path, who: Person, name: str) -> Iterator[Path]:
    """A directory of that person's, until the iteration goes on."""
    safe = "".join(c if c.isalnum() else "-" for c in name)[:40]
    path = Path(tempfile.mkdtemp(prefix=f"{safe}-", dir=base))
    path.chmod(0o755)
    who.give(path)
    yield path
    _remove_tree(path)


@pytest.fixture(scope="session")
def dockerd_socket(base: Path) -> Iterator[Path]:
    """The socket of a docker of our own, which leaves the host's network alone."""
    if not shutil.which("dockerd"):
        cannot("dockerd is not installed (Debian: docker.io)")
    if os.geteuid() != 0:
        pytest.skip("only root starts a docker")
    try:
        with dockerd.running(base / "docker") as socket:
            yield socket
    except dockerd.DockerEndedError as error:
        pytest.skip(f"dockerd ends: {error}")


class Prepared:
    """Stores that many tests begin with, each made once for each kind of person."""

    def __init__(self, place: Path) -> None:
        """Keep them in that directory."""
        self.place = place
        self.made: set[Path] = set()

    def copy(
        self, who: Person, name: str, store: Path, make: Callable[[Path], object]
    ) -> None:
        """Give a store what the prepared one of that name has, which `make` makes."""
        if store.parent.stat().st_dev != self.place.stat().st_dev:
            make(store)  # another file system may keep less of a file
            return
        kept = self.place / who.map / name
        if kept not in self.made:
            kept.parent.mkdir(exist_ok=True)
            make(who.give(kept.parent) / name)
            self.made.add(kept)
        words = ["cp", "-a", "-T", str(kept), str(store)]
        if os.geteuid() != 0:  # its files may belong to subordinate ids
            words = [str(who.bin / "plash"), "sudo", *words]
        subprocess.run(words, check=True)


@pytest.fixture(scope="session")
def prepared(base: Path) -> Prepared:
    """Stores to copy."""
    place = base / "prepared"
    place.mkdir()
    return Prepared(place)


@pytest.fixture
def store(playground: Path, person: Person, prepared: Prepared) -> Path:
    """The path of a new empty store of this person's, made by the product."""

    def make(path: Path) -> None:
        environment = {"PLASH_DATA": str(path)}
        person.run([person.bin / "plashui", "init"], env=environment, check=True)

    path = playground / "store"
    prepared.copy(person, "empty", path, make)
    return path


Verb = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def plash(person: Person, store: Path) -> Verb:
    """Run `plash WORDS…` on the store as the person."""

    def run(*words: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
        env = {"PLASH_DATA": str(store), **options.pop("env", {})}  # type: ignore[dict-item]
        return person.run([person.bin / "plash", *words], env=env, **options)  # type: ignore[arg-type]

    return run


@pytest.fixture(scope="session")
def busybox_tar(base: Path) -> Path:
    """A root filesystem of static busybox, as an uncompressed tar (2 MB)."""
    busybox = shutil.which("busybox")
    if not busybox:
        cannot("busybox is not installed (Debian: busybox-static)")
    assert busybox
    root = base / "busybox-root"
    for name in ("bin", "etc", "usr/share/doc/x", "tmp", "root", "home", "var/lib"):
        (root / name).mkdir(parents=True)
    shutil.copy2(busybox, root / "bin/busybox")
    applets = subprocess.run(
        [busybox, "--list"], capture_output=True, text=True, check=True
    ).stdout.split()
    for applet in applets:
        if applet != "busybox":
            (root / "bin" / applet).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    (root / "usr/share/doc/x/copyright").write_text("x\n" * 100)
    (root / "tmp").chmod(0o1777)
    path = base / "busybox.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as tar:
        tar.add(root, arcname=".", filter=_owned_by_root)
    path.chmod(0o644)
    return path


@pytest.fixture(scope="session")
def registries(base: Path) -> Iterator[Registries]:
    """Real registries on 127.0.0.1, started once a run."""
    for program in PROGRAMS:
        if not shutil.which(program):
            cannot(f"{program} is not installed")
    with running(base / "registries") as found:
        yield found


def _owned_by_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


@pytest.fixture(scope="session")
def debian_tar(base: Path) -> Path:
    """A real Debian root filesystem with its device nodes, as a tar (about 170 MB).

    PLASHUI_TEST_CACHE names a directory that keeps it between runs.
    """
    cache = Path(os.environ.get("PLASHUI_TEST_CACHE", base))
    path = cache / "debian-minbase.tar"
    with one_at_a_time():
        if not path.is_file():
            _make_debian(path)
    return path


def _make_debian(path: Path) -> None:
    if not shutil.which("mmdebstrap"):
        cannot("mmdebstrap is not installed")
    part = path.with_suffix(".part.tar")
    words = ["mmdebstrap", "--variant=minbase", "--format=tar", "bookworm", str(part)]
    made = subprocess.run(
        words, capture_output=True, text=True, check=False, timeout=900
    )
    if made.returncode:
        cannot(f"mmdebstrap failed: {made.stderr.strip().splitlines()[-1:]}")
    part.chmod(0o644)
    part.rename(path)
