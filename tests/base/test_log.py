"""The log: tracebacks go there, and it stays small."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from plashui.base import log as logfile


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the log is."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state/plashui/log"


def test_an_error_is_noted_with_its_traceback_and_told_in_one_line(log: Path) -> None:
    try:
        raise ValueError("odd\nthing \udcff")
    except ValueError as error:
        logfile.note(error, "worker read")
        words = logfile.sentence(error)
    text = log.read_text()
    assert "worker read\nTraceback" in text
    assert "ValueError: odd\nthing \\udcff" in text
    assert words.count("\n") == 0
    assert words.startswith("unexpected error (ValueError: odd). ")
    assert str(log) in words
    assert stat.S_IMODE(log.parent.stat().st_mode) & 0o077 == 0


def test_it_never_grows_beyond_twice_its_size(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logfile, "MOST", 1000)
    for number in range(60):
        logfile.write(f"{number} {'x' * 100}")
    files = {file.name for file in log.parent.iterdir()}
    assert files == {"log", "log.1"}
    assert sum(file.stat().st_size for file in log.parent.iterdir()) < 2400
    assert "59 x" in log.read_text(), "the newest is kept"


def test_a_log_that_cannot_be_written_is_no_trouble(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert not logfile.write("lost")
    assert logfile.traced(ValueError(), "It is odd") == "It is odd"


def test_it_is_at_the_place_of_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_STATE_HOME", "")
    assert logfile.log_file() == Path("/home/me/.local/state/plashui/log")
