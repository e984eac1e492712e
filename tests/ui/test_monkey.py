"""Ten thousand random events do no harm (with PLASHUI_TEST=thorough, else a sample)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.amount import THOROUGH, WHOLE
from tests.conftest import CHECKOUT, cannot, helper


@pytest.mark.parametrize("seed", [1, 2])
def test_random_events_lose_nothing(tmp_path: Path, seed: int) -> None:
    count = 5000 if THOROUGH else 400 if WHOLE else 100
    if not shutil.which("bwrap"):
        cannot("bubblewrap is not installed")
    # It types paths of its own making: everything but its playground is read-only.
    fence: list[object] = [
        "bwrap",
        "--die-with-parent",
        "--ro-bind",
        "/",
        "/",
        "--dev",
        "/dev",
    ]
    fence += ["--proc", "/proc", "--bind", tmp_path, tmp_path, "--chdir", tmp_path]
    if os.geteuid() == 0:
        fence += ["--cap-add", "ALL"]
    environment = {
        "HOME": str(tmp_path),
        "PATH": f"{helper().parent}:{os.environ['PATH']}",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    words: list[object] = [
        sys.executable,
        "-m",
        "tests.ui.monkey",
        tmp_path / "store",
        seed,
        count,
    ]
    done = subprocess.run(
        [str(word) for word in (*fence, *words)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=1200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{count} events" in done.stdout
