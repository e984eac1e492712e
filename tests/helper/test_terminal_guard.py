"""The terminal's guard holds nobody up."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from plashui.helper import terminal_guard


def test_a_guard_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = tmp_path / "stuck"
    stuck.write_text("#!/bin/sh\nexec sleep 1000\n")
    stuck.chmod(0o755)
    monkeypatch.setenv("PLASHUI_HELPER", str(stuck))
    monkeypatch.setattr(terminal_guard, "PATIENCE", 0.1)
    watch = terminal_guard.TerminalGuard()
    watch.start()
    process = watch._process
    assert process is not None
    watch.end()
    assert process.returncode == -9


def test_a_guard_that_cannot_be_started_leaves_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLASHUI_HELPER", str(tmp_path / "missing"))
    before = len(os.listdir("/proc/self/fd"))
    guard = terminal_guard.TerminalGuard()
    guard.start()
    with guard.rested():
        pass
    guard.end()
    assert len(os.listdir("/proc/self/fd")) == before
