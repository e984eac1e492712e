"""A helper that is broken, or of another version, is answered with a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from plashui.base.errors import PlashError
from plashui.helper import calls, command, deleting, listing, process, usage
from plashui.operations.build import ended
from plashui.operations.session import Session
from plashui.store.run_spec import Way
from plashui.store.store import Store

STORE: Final = Path("/store")
CALLS: Final[dict[str, Callable[[], Any]]] = {
    "users": lambda: calls.users(STORE),
    "usage": lambda: usage.usage(STORE, ["layer/0/1"], lambda _path, _use: None),
    "commit": lambda: calls.commit(STORE, 1, "work", "made", {}),
    "mount": lambda: calls.mountfd(STORE, 1),
    "directory": lambda: listing.list_directory(STORE, 1, "/"),
    "tree": lambda: listing.list_tree(STORE, 1),
    "probe": lambda: calls.probe(STORE),
}
RUBBISH: Final = (
    r"rub\033[31mbish\377\n",
    r"{}\n[1]\n\"x\"\n",
    r"{\"n\":7,\"image\":\"x\",\"pid\":[]}\n1\n",
    r"a\0-\0zzz\0x\0" + 9 * r"q\0",
    r"a\0-\0",
)


@pytest.fixture
def answering(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str, str], None]:
    """Lets the helper answer something, and report something."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    def answer(words: str, events: str = "") -> None:
        script = tmp_path / "plash"
        script.write_text(
            "#!/bin/sh\n"
            '[ "$2" = --status-fd ] && printf \'%b\' "' + events + '" >"/dev/fd/$3"\n'
            "printf '%b' \"" + words.replace("\\0", "\\0000") + '"\n'
        )
        script.chmod(0o755)
        monkeypatch.setenv("PLASHUI_HELPER", str(script))

    return answer


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("words", RUBBISH)
def test_an_answer_that_makes_no_sense_is_an_error_that_says_so(
    answering: Callable[[str, str], None], tmp_path: Path, call: str, words: str
) -> None:
    answering(words, "")
    with pytest.raises(PlashError, match="gave an invalid answer"):
        CALLS[call]()
    assert "Traceback" in (tmp_path / "plashui/log").read_text()


def test_events_that_make_no_sense_are_none(
    answering: Callable[[str, str], None],
) -> None:
    progress = r"{\"ev\":\"progress\"}\n{\"ev\":\"progress\",\"files\":[]}\n"
    answering("", r"rubbish\n[1]\n\"x\"\n" + progress)
    deleting.remove(STORE, ["x"])


def test_changes_that_were_not_counted_are_not_taken_for_none(
    answering: Callable[[str, str], None], tmp_path: Path
) -> None:
    answering("", "")
    session = Session(Store(tmp_path), 1, Way(), tmp_path / "tmp/x")
    assert session.changes() == (0, 0)
    (tmp_path / "tmp/x/data").mkdir(parents=True)
    assert session.changes() == (0, 0)
    (tmp_path / "tmp/x/data/dear").touch()
    with pytest.raises(PlashError, match="could not be counted"):
        session.changes()


def test_changes_that_may_not_be_looked_at_are_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = Session(Store(tmp_path), 1, Way(), tmp_path / "tmp/x")
    (tmp_path / "tmp/x/data").mkdir(parents=True)
    assert not session.changed()

    def refused(_place: object) -> None:
        raise PermissionError

    monkeypatch.setattr("os.scandir", refused)
    assert session.changed()


def test_a_signal_without_a_name_has_a_number() -> None:
    assert ended(-9) == "was killed by SIGKILL"
    assert ended(-40) == "was killed by signal 40"
    failed = process.failure(process.Outcome(-40, b"", ""), "trying")
    assert "killed by signal 40" in str(failed)


def test_a_program_that_is_missing_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PLASHUI_HELPER", raising=False)
    monkeypatch.setattr("sys.executable", "")
    monkeypatch.setattr("os.path.isfile", lambda _path: False)
    monkeypatch.setenv("PATH", str(tmp_path))
    before = len(os.listdir("/proc/self/fd"))
    for ask in (process.call, command.foreground):
        with pytest.raises(PlashError, match="the program plash is missing"):
            ask(["version"])
    assert len(os.listdir("/proc/self/fd")) == before
