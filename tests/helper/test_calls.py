"""What is asked of the helper, whatever it answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from plashui.base.errors import PlashError
from plashui.helper import deleting, process


def test_any_number_of_directories_is_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel grants the words of a program 128 KiB at least, and no end at most."""
    asked: list[Sequence[str]] = []

    def call(words: Sequence[str], **_how: object) -> process.Outcome:
        asked.append(words)
        return process.Outcome(len(asked) == 1, b"", "plash error: one of them stays\n")

    monkeypatch.setattr(process, "call", call)
    names = [f"plashtmp_1234567_1234567_{number}" for number in range(10_000)]
    with pytest.raises(PlashError, match="one of them stays"):
        deleting.remove(Path("/store"), names)
    assert [name for words in asked for name in words[2:]] == names
    assert max(sum(len(word) + 9 for word in words) for words in asked) < 128 * 1024
