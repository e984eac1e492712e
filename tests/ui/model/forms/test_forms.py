"""Forms as values: what is asked for, what is remembered, what it means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.ui.model.exports.form import export_form, mount_form
from plashui.ui.model.forms import memory as form_memory
from plashui.ui.model.forms.form import shown_fields, to_remember
from plashui.ui.model.forms.run import is_thrown_away, run_form, way_of
from plashui.ui.model.forms.typed import is_directory, path_of
from plashui.ui.model.sources.table import import_form


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where things are remembered."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return form_memory.state_file()


def test_what_was_filled_in_is_remembered_by_this_person_only(state: Path) -> None:
    assert form_memory.recalled("import") == {}
    form_memory.remember("import", {"source": "url", "url": "https://x"})
    form_memory.remember("import", {"source": "tar", "file": "/a b\udcff"})
    assert form_memory.recalled("import") == {
        **{"source": "tar", "file": "/a b\udcff", "url": "https://x"}
    }
    assert form_memory.recalled("other") == {}
    assert state.parent.stat().st_mode & 0o077 == 0


def test_the_last_command_comes_first_and_each_once() -> None:
    for line in ("make", "ls -l", "make", ""):
        form_memory.remember_command(line)
    assert form_memory.commands() == ["make", "ls -l"]
    for number in range(300):
        form_memory.remember_command(f"c{number}")
    assert len(form_memory.commands()) == 200


@pytest.mark.parametrize(
    "damage", ["", "[1]", '{"forms": 1, "commands": {}}', '{"forms": {"run": [1]}}']
)
def test_a_damaged_memory_is_an_empty_one(state: Path, damage: str) -> None:
    state.parent.mkdir(parents=True)
    state.write_text(damage)
    assert form_memory.recalled("run") == {}
    assert form_memory.commands() == []
    form_memory.remember("run", {"a": "b"})
    assert form_memory.recalled("run") == {"a": "b"}


def test_where_nothing_can_be_written_nothing_is_remembered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/nowhere")
    form_memory.remember("run", {"a": "b"})
    assert form_memory.recalled("run") == {}


def names(**values: str) -> list[str]:
    """The fields of the run form."""
    return [field.name for field in shown_fields(run_form(7), values)]


def test_only_an_isolated_run_has_volumes_and_a_user() -> None:
    plain = ["command", "isolated", "home", "changes", "environment"]
    assert names(isolated="no") == plain
    assert names(isolated="net") == names(isolated="yes")
    assert names(isolated="yes")[4:] == (
        ["volumes", "directory", "user", "memory", "processes", "fence"]
    )


def test_the_run_form_means_a_way() -> None:
    home = os.environ["HOME"]
    values = {"command": "make 'a b'", "isolated": "net", "changed": "none"}
    values |= {"environment": "A=1 'B=2 3'", "volumes": "~/x:/x", "user": "www"}
    assert way_of(values) == Way(
        ("make", "a b"),
        isolated=True,
        network=True,
        variables=("A=1", "B=2 3"),
        volumes=(f"{home}/x:/x",),
        user="www",
        fixed=True,
    )
    private = way_of({"command": "x", "home": "private"})
    assert private.line(7) == "plash run --home private 7 x"
    assert way_of({"command": "x", "home": "shared"}).line(7) == "plash run 7 x"
    shell = Way(build=True, home="shared")
    assert shell.line(7, "DIR") == "plash run:persist --build --share-home 7 DIR"
    limits = {"memory": "512M", "processes": "90", "fence": "both", "isolated": "yes"}
    line = "plash run --isolate --rw --setuid --seccomp off --memory 512M --pids 90 7"
    assert way_of(limits).line(7) == line
    assert way_of({**limits, "isolated": "no"}).words(7) == ["run", "7"]
    assert is_thrown_away(values)
    assert not is_thrown_away({"isolated": "no", "changes": "ask"})
    form = run_form(7)
    assert form.line({"command": "ls 'x"}) == "plash run 7 'ls '\"'\"'x'"
    for wrong in (
        {"command": "ls 'x"},
        {"environment": "1=2"},
        {"volumes": "x"},
        {"memory": "x"},
        {"processes": "0"},
    ):
        with pytest.raises(PlashError):
            form.check({"isolated": "yes", **wrong})


def test_every_source_says_what_is_missing(tmp_path: Path) -> None:
    check = import_form(Store(tmp_path / "store")).check
    for values, why in (
        ({"source": "oci"}, "Which image?"),
        ({"source": "oci", "image": "Debian"}, "Try debian"),
        ({"source": "docker"}, "Which image?"),
        ({"source": "file"}, "Which file?"),
        ({"source": "file", "file": f"{tmp_path}/x"}, "There is no file"),
        ({"source": "url"}, "Which URL?"),
        ({"source": "url", "url": "ftp://x"}, "cannot fetch ftp://x"),
        ({"source": "url", "url": "http://x", "sha256": "12"}, "not a SHA-256 digest"),
        ({"source": "lxc"}, "Which release?"),
        ({"source": "dir"}, "Which directory?"),
        ({"source": "dir", "directory": f"{tmp_path}/x"}, "There is no directory"),
        ({"source": "dir", "directory": "/", "name": ".."}, "cannot be a name"),
    ):
        with pytest.raises(PlashError) as caught:
            check(values)
        assert why in str(caught.value)
    check({"source": "dir", "directory": str(tmp_path), "name": "x"})
    check({"source": "oci", "image": "ghcr.io/a/b:1", "name": "a/b"})


def test_a_path_is_absolute_and_of_the_home() -> None:
    assert path_of("~/x/../y", "file") == Path(os.environ["HOME"], "y")
    assert path_of("x", "file") == Path.cwd() / "x"
    assert path_of("~nobody-is-called-so/x", "file") == Path.cwd() / (
        "~nobody-is-called-so/x"
    )


def test_a_path_that_may_not_be_looked_at_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    found = [is_directory(tmp_path / path) for path in ("", "file", "no", "file/x")]
    assert found == [True, False, None, None]
    store = Store(tmp_path / "store")
    forms = (
        (import_form(store), {"source": "file", "file": "/locked/x.tar"}),
        (import_form(store), {"source": "dir", "directory": "/locked/x"}),
        (export_form(store, 1), {"as": "tar", "file": "/locked/x.tar"}),
        (mount_form(1), {"mountpoint": "/locked/x"}),
    )
    stat = Path.stat

    def refused(path: Path, **options: bool) -> os.stat_result:
        if path.is_relative_to("/locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return stat(path, **options)

    monkeypatch.setattr(Path, "stat", refused)
    for form, values in forms:
        with pytest.raises(PlashError, match=r"^Cannot read /locked/x"):
            form.check(values)


def test_the_line_of_a_mount_asks_no_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "lexists", lambda _path: pytest.fail("asked"))
    line = mount_form(7).line({"mountpoint": "/mnt/x"})
    assert line == "mkdir -p /mnt/x && plash mount 7 /mnt/x"


def test_what_is_of_one_file_only_is_not_offered_for_the_next() -> None:
    values = {"source": "url", "url": "http://x/y.tar", "sha256": "a" * 64, "name": "n"}
    kept = to_remember(import_form(Store("/none")), values)
    assert kept == {"source": "url", "url": "http://x/y.tar"}
