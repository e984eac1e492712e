"""What the form of a build says, and what it would do, before it does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel
from plashui.recipes import cache
from plashui.recipes.look import look
from plashui.store.store import Store
from plashui.ui.model.builds.form import build_form, look_at
from plashui.ui.model.builds.step_lines import counted, planned, step_lines
from plashui.ui.model.builds.wanted import Wanted, is_containerfile, wanted
from plashui.ui.model.forms.form import Looked, Values
from tests.store.test_store import fill_old_store

SITE = """\
ARG VERSION=1
FROM 3 AS base
ARG VERSION COLOUR TARGETARCH
RUN echo $VERSION > /version
FROM base
COPY page /srv/
"""


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A store of images 3 ("debian"), 7, 8 and 12."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return Store(fill_old_store(tmp_path / "store"))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A directory with a Containerfile and what it copies."""
    directory = tmp_path / "site"
    directory.mkdir()
    (directory / "Containerfile").write_text(SITE)
    (directory / "page").write_text("hello")
    return directory


def found(store: Store, values: Values) -> Looked:
    """What is found out about a form that is filled in like that."""
    asked = look_at(store, 3, values)
    assert asked is not None
    (last,) = asked.find(Cancel())
    return last


def steps(store: Store, build: Wanted | None) -> Sequence[str]:
    """The lines of a plan."""
    assert build is not None
    lines = step_lines(planned(look(store, build.plan(store, looks=True))), 120)
    return [" ".join("".join(text for text, _kind in line).split()) for line in lines]


def macros(line: str) -> Wanted:
    """A build of macros on image 3."""
    build = wanted(3, {"what": "command", "command": line})
    assert build is not None
    return build


def test_a_command_and_a_shell_have_no_plan() -> None:
    assert wanted(3, {"what": "command", "command": "apt-get install git"}) is None
    assert wanted(3, {"what": "command", "command": ""}) is None
    assert wanted(3, {"what": "shell"}) is None
    assert macros("--apt git").words() == ["build", "--from", "3", "--apt", "git"]


def test_each_step_is_a_hit_or_a_miss_with_its_reason(store: Store) -> None:
    build = macros("--run a --layer --run b")
    assert steps(store, build) == [
        "○ 1/2 --run a not done on image 3 before",
        "○ 2/2 --run b the step before it is to be done",
    ]
    (stage,) = look(store, build.plan(store))
    cache.remember(store, stage.steps[0].key, 8)
    assert steps(store, build) == [
        "≡ 1/2 --run a image 8",
        "○ 2/2 --run b not done on image 8 before",
    ]
    assert counted(planned(look(store, build.plan(store)))) == (
        "2 steps: 1 in the cache, 1 to do"
    )


def test_what_begins_with_an_image_itself_is_built_on_that(store: Store) -> None:
    assert steps(store, macros("--from 7 --run a"))[0].endswith("image 7 before")
    assert steps(store, macros("--from 7")) == []


def test_a_look_does_nothing_that_nobody_has_asked_for(
    store: Store, tmp_path: Path
) -> None:
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / 'did')!r}, 'w')\n")
    build = macros(f"--import {tmp_path}/evil --run a")
    with pytest.raises(PlashError, match="no macro 'import'"):
        steps(store, build)
    build.check(store)
    assert not (tmp_path / "did").exists()


def test_a_wrong_macro_is_told_in_the_form(store: Store) -> None:
    with pytest.raises(PlashError, match="did you mean 'apt'"):
        macros("--aptt git").check(store)
    with pytest.raises(PlashError, match="no standard input"):
        macros("--run-stdin").check(store)
    assert store.exists()


def test_a_containerfile_asks_for_its_arguments_its_stage_and_its_files(
    store: Store, site: Path
) -> None:
    told = found(store, {"what": "file", "file": str(site)})
    assert told.lines == ("2 steps: 0 in the cache, 2 to do",)
    assert told.fields is not None
    assert [(field.name, field.hint) for field in told.fields] == [
        ("context", ""),
        ("target", ""),
        ("arg-VERSION", "1"),
        ("arg-COLOUR", "not set"),
        ("cache", ""),
        ("pull", ""),
        ("network", ""),
    ]
    assert told.fields[0].value == str(site)
    assert [value for value, _label in told.fields[1].options] == ["", "base"]


def test_what_is_filled_in_is_built_and_is_the_command_line(
    store: Store, site: Path
) -> None:
    values = {
        "what": "file",
        "file": str(site / "Containerfile"),
        "target": "base",
        "arg-VERSION": "2 b",
        "arg-COLOUR": "",
        "cache": "none",
        "network": "none",
        "name": "site",
    }
    assert build_form(store, 3, store.read()).line(values) == (
        f"PLASH_DATA={store.root} plash map site $(PLASH_DATA={store.root} plash"
        " build:file --no-cache --network none --target base --build-arg"
        f" 'VERSION=2 b' {site})"
    )
    build = wanted(3, values)
    assert build is not None
    assert build.title() == "Build Containerfile"
    assert not build.options.cached
    assert not build.options.network
    (line,) = steps(store, build)
    assert "RUN echo $VERSION > /version" in line
    (stage,) = look(store, build.plan(store))
    assert ("VERSION", "2 b") in getattr(stage.steps[0].step, "environment", ())


def test_a_containerfile_asks_for_its_secrets(store: Store, site: Path) -> None:
    run = "RUN --mount=type=secret,id=token,required=true cat /run/secrets/token"
    (site / "Containerfile").write_text(f"FROM 3\n{run}\n{run}\n")
    told = found(store, {"what": "file", "file": str(site)})
    names = [field.name for field in told.fields or ()]
    assert names[:2] == ["context", "secret-token"]
    values = {"what": "file", "file": str(site), "secret-token": str(site / "page")}
    build = wanted(3, values)
    assert build is not None
    secret = f"id=token,src={site}/page"
    assert build.words() == ["build:file", "--secret", secret, str(site)]
    build.check(store)
    gone = wanted(3, {**values, "secret-token": str(site / "none")})
    assert gone is not None
    with pytest.raises(PlashError, match="The secret token is not there"):
        gone.check(store)


def test_a_file_of_macros_is_known_by_its_beginning(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "tool"
    file.write_text("#!/usr/bin/env plash-exec\n--run a\n")
    build = wanted(7, {"what": "file", "file": str(file)})
    assert build is not None
    assert steps(store, build) == ["○ 1/1 --run a not done on image 7 before"]
    assert build.words() == ["build", "--from", "7", "--eval-file", str(file)]
    file.write_text("--from 8\n--run a\n")
    assert steps(store, build)[0].endswith("image 8 before")
    assert build.words() == ["build", "--eval-file", str(file)]
    alone = wanted(None, {"what": "file", "file": str(file)})
    assert steps(store, alone)[0].endswith("image 8 before"), "no image is needed"
    told = found(store, {"what": "file", "file": str(file)})
    assert [field.name for field in told.fields or ()] == ["cache", "pull", "network"]


def test_files_of_both_languages_are_told_apart(tmp_path: Path) -> None:
    for name, text, is_one in (
        ("Containerfile", "--odd", True),
        ("site.Dockerfile", "", True),
        ("a", "# syntax=x\n\nFROM y\n", True),
        ("b", "ARG A\nFROM y\n", True),
        ("c", "\n--from x\n", False),
        ("d", "--# a comment\n--from x\n", False),
        ("e", "#!/usr/bin/env plash-exec\n", False),
    ):
        (tmp_path / name).write_text(text)
        assert is_containerfile(str(tmp_path / name)) == is_one, name
    (tmp_path / "link").symlink_to(tmp_path / "c")
    assert not is_containerfile(str(tmp_path / "link"))
    assert is_containerfile(str(tmp_path))


def test_a_wrong_file_is_told_with_its_line(store: Store, site: Path) -> None:
    (site / "Containerfile").write_text("FROM 3\nRUNN x\n")
    form = build_form(store, 3, store.read())
    with pytest.raises(PlashError, match="Containerfile, line 2: no instruction RUNN"):
        form.check({"what": "file", "file": str(site)})
    with pytest.raises(PlashError, match="There is no file"):
        form.check({"what": "file", "file": f"{site}/none"})
    with pytest.raises(PlashError, match="Which file"):
        form.check({"what": "file", "file": ""})
    assert look_at(store, 3, {"what": "file", "file": f"{site}/none"}) is None


def test_lines_of_steps_fit_any_width(store: Store) -> None:
    long = macros("--run " + "x" * 300 + " --layer --run y")
    shown = planned(look(store, long.plan(store)))
    for width in (50, 69, 70, 100):
        lines = step_lines(shown, width)
        assert all(sum(len(text) for text, _kind in line) <= width for line in lines)
