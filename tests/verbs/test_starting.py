"""Which Python `plashui` starts, and that the caller's surroundings do not reach it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.conftest import Programs, starter
from tests.people import Person

TRAP: Final = Path(__file__).parent / "programs/trap.py"
MODULES: Final = (
    *("shlex", "argparse", "json", "typing", "os", "encodings", "humanize", "psutil"),
    *("sitecustomize", "usercustomize", "plashui", "signal", "string"),
)


@pytest.fixture
def trap(base: Path) -> Path:
    """A directory of modules that no program of ours may import."""
    place = base / "trap"
    if not place.exists():
        place.mkdir()
        place.chmod(0o777)
        for name in MODULES:
            shutil.copyfile(TRAP, place / f"{name}.py")
        user = place / "lib/python3.11/site-packages"
        user.mkdir(parents=True)
        shutil.copyfile(TRAP, user / "usercustomize.py")
        (place / "plash").write_text("#!/bin/sh\ntouch caught\n")
        (place / "plash").chmod(0o755)
    return place


HOSTILE: Final = [
    *({"PYTHONPATH": "{}"}, {"PYTHONHOME": "{}"}, {"PYTHONHOME": "/nonexistent"}),
    *({"PYTHONUSERBASE": "{}"}, {"PYTHONSTARTUP": "{}/os.py"}, {"PYTHONINSPECT": "1"}),
    *({"PYTHONWARNINGS": "error"}, {"PYTHONPLATLIBDIR": "{}"}, {"PYTHONVERBOSE": "1"}),
    *({"PYTHONIOENCODING": "utf-16"}, {"PYTHONCASEOK": "1"}, {"PYTHONDUMPREFS": "1"}),
    {},
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=str)
@pytest.mark.parametrize("program", ["plash", "plashui"])
def test_nothing_of_the_callers_reaches_our_python(
    anybody: Person, trap: Path, base: Path, program: str, hostile: dict[str, str]
) -> None:
    env = {name: value.format(trap) for name, value in hostile.items()}
    env["PLASH_DATA"] = str(base / "none")
    for words in (["ls"], ["clean"], ["help"], ["show", "7"]):
        done = anybody.run([anybody.bin / program, *words], env=env, cwd=trap)
        assert done.returncode == (1 if "7" in words else 0), done.stderr
        assert done.stderr.count("\n") == (words != ["help"]), done.stderr
        assert not (trap / "caught").exists()
        assert not (trap / "lib/python3.11/site-packages/caught").exists()


def made(place: Path, version: str, packages: str = "site-packages") -> None:
    """Where plashui was installed to, as installers leave it."""
    info = f"lib/{version}/{packages}/plashui-1.2.3.dist-info"
    (place / info).mkdir(parents=True)


def python(path: Path) -> None:
    """A Python that says how it was called."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text('#!/bin/sh\necho "$0 $*"\n')
    path.chmod(0o755)


def started(anybody: Person, program: Path, home: Path, path: Path) -> str:
    """What that Python says."""
    env = {"HOME": str(home), "PATH": f"{path}:/usr/bin:/bin"}
    done = anybody.run([program, "ls", "--json"], env=env)
    assert done.returncode == 0, done.stderr
    return done.stdout.removesuffix(" -m plashui ls --json\n")


def test_it_starts_the_python_it_was_installed_for(anybody: Person, base: Path) -> None:
    place = base / "prefixes"
    home, system = place / "home", place / "system"
    for name in ("python3", "python3.11", "python3.99"):
        python(system / name)

    def installed(prefix: Path) -> Path:
        (prefix / "bin").mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy2(starter(), prefix / "bin"))

    def run(program: Path) -> str:
        return started(anybody, program, home, system)

    environment = place / "venv"
    made(environment, "python3.99")
    python(environment / "bin/python3.99")
    python(environment / "bin/python3")
    assert run(installed(environment)) == f"{environment}/bin/python3.99 -I"
    link = place / "link"
    link.symlink_to(environment / "bin/plashui")
    assert run(link) == f"{environment}/bin/python3.99 -I"

    local = place / "usr/local"
    made(local, "python3.99", "dist-packages")
    assert run(installed(local)) == f"{system}/python3.99 -I"
    packaged = place / "usr"
    made(packaged, "python3", "dist-packages")
    python(packaged / "bin/python3")
    assert run(installed(packaged)) == f"{packaged}/bin/python3 -I"
    persons = home / ".local"
    made(persons, "python3.11")
    assert run(installed(persons)) == f"{system}/python3.11 -EP"

    bare = place / "editable"
    python(bare / "bin/python3")
    assert run(installed(bare)) == f"{bare}/bin/python3 -I"
    (place / "dev/bin").mkdir(parents=True)
    alone = installed(place / "alone")
    (place / "dev/bin/plashui").symlink_to(alone)
    assert run(place / "dev/bin/plashui") == f"{system}/python3 -I"
    python(place / "dev/bin/python3")
    assert run(place / "dev/bin/plashui") == f"{place}/dev/bin/python3 -I"


def test_python_does_without_site_where_the_package_is(
    anybody: Person, base: Path
) -> None:
    place = base / "beside"
    made(place, "python3.99")
    packages = place / "lib/python3.99/site-packages"
    python(place / "bin/python3.99")
    program = Path(shutil.copy2(starter(), place / "bin"))
    assert started(anybody, program, place, place) == f"{place}/bin/python3.99 -I"
    ours = packages / "plashui/__main__.py"
    ours.parent.mkdir()
    ours.touch()
    told = f"{place}/bin/python3.99 -I -S {ours} ls --json\n"
    assert started(anybody, program, place, place) == told


@pytest.fixture
def scattered(base: Path, programs: Programs) -> Iterator[Path]:
    """An environment whose plashui needs packages that only a .pth file names."""
    place = base / "scattered"
    subprocess.run(
        [programs.bin / "python3", "-m", "venv", "--without-pip", place], check=True
    )
    packages = next(place.glob("lib/python3*/site-packages"))
    theirs = next(programs.bin.parent.glob("lib/python3*/site-packages"))
    shutil.copytree(theirs / "plashui", packages / "plashui")
    (packages / "plashui-0.dist-info").mkdir()
    elsewhere = base / "elsewhere"
    elsewhere.mkdir()
    for name in ("humanize", "psutil"):
        (elsewhere / name).symlink_to(theirs / name)
    (packages / "far.pth").write_text(f"{elsewhere}\n")
    shutil.copy2(programs.plashui, place / "bin")
    shutil.copy2(programs.plash, place / "bin")
    yield place
    shutil.rmtree(place)
    shutil.rmtree(elsewhere)


def test_packages_that_lie_elsewhere_are_found(
    anybody: Person, scattered: Path, base: Path
) -> None:
    env = {"PLASH_DATA": str(base / "none")}
    for word in ("ls", "df", "ps"):
        done = anybody.run([scattered / "bin/plashui", word], env=env)
        assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_without_a_python_it_says_so(anybody: Person, base: Path) -> None:
    (base / "nothing").mkdir()
    alone = shutil.copy2(starter(), base / "nothing")
    done = anybody.run(["env", f"PATH={base}/nothing", alone, "ls"])
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("plash error: cannot start python3: ")
    assert done.stderr.count("\n") == 1
