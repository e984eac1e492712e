"""The man page says what the table of verbs and `help VERB` say."""

from __future__ import annotations

import shutil
import subprocess

from tests.conftest import CHECKOUT, cannot
from tests.people import Person
from tests.verbs.manual import PAGE, manual


def test_the_man_page_is_that_of_the_verbs_there_are(anybody: Person) -> None:
    def help_of(name: str) -> str:
        return anybody.run([anybody.bin / "plashui", "help", name], check=True).stdout

    written = (CHECKOUT / PAGE).read_text()
    assert written == manual(help_of), (
        f"run: .venv/bin/python -m tests.verbs.manual > {PAGE}"
    )


def test_the_man_page_is_rendered_without_a_warning() -> None:
    if not shutil.which("groff"):
        cannot("groff is not installed (Debian: groff-base)")
    words = ["groff", "-man", "-ww", "-Tutf8", str(CHECKOUT / PAGE)]
    shown = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "User Commands" in shown.stdout
