"""The terminal's guard holds nobody up."""

from __future__ import annotations

from pathlib import Path

import pytest

from plashui.core import guard


def test_a_guard_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = tmp_path / "stuck"
    stuck.write_text("#!/bin/sh\nexec sleep 1000\n")
    stuck.chmod(0o755)
    monkeypatch.setenv("PLASHUI_HELPER", str(stuck))
    monkeypatch.setattr(guard, "PATIENCE", 0.1)
    watch = guard.TerminalGuard()
    watch.start()
    process = watch._process
    assert process is not None
    watch.end()
    assert process.returncode == -9
