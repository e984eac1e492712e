"""What starting the app costs those who do not want it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import CHECKOUT


def printed(name: str, *words: str) -> str:
    """What a program in programs/ prints."""
    program = Path(__file__).parent / "programs" / name
    done = subprocess.run(
        [sys.executable, program, *words],
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_textual_is_not_imported_before_the_app_is_opened() -> None:
    assert printed("imports_textual.py", "plashui.ui.app") == "[]"


def test_the_main_screen_needs_nothing_that_can_wait() -> None:
    late = (
        "subprocess",
        "plashui.operations.remove",
        "plashui.helper.calls",
        "plashui.helper.as_root",
        "plashui.helper.deleting",
        "watchfiles",
        "plashui.transfer",
        "textual.widgets._button",
        "textual.widgets._input",
    )
    assert printed("imports_late_ones.py", *late) == "[]"
