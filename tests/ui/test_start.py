"""What starting the app costs those who do not want it."""

from __future__ import annotations

import subprocess
import sys


def test_textual_is_not_imported_before_the_app_is_opened() -> None:
    code = (
        "import sys, plashui.ui.app\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('textual', 'rich')])"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_main_screen_needs_nothing_that_can_wait() -> None:
    late = (
        "subprocess",
        "plashui.operations.trash",
        "plashui.helper.calls",
        "watchfiles",
        "plashui.transfer",
        "textual.widgets._button",
        "textual.widgets._input",
    )
    code = (
        "import sys, textual.app\n"
        "before = set(sys.modules)\n"
        "import plashui.ui.application\n"
        f"print([m for m in {late!r} if m in set(sys.modules) - before])"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
