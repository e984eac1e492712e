"""Unpacking bytes: as a root filesystem, and as a layer of an image."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from tests.helpers.conftest import Bench


@dataclass
class Unpacked:
    """What became of a tar."""

    top: Path
    notes: Path | None
    done: subprocess.CompletedProcess[str]
    events: list[dict[str, Any]] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, Any]:
        """The closing event of one that worked."""
        assert self.done.returncode == 0, self.done
        return next(event for event in self.events if event["ev"] == "extracted")

    @property
    def refused(self) -> str:
        """The one sentence of one that did not."""
        assert self.done.returncode in (1, 2), self.done
        lines = [x for x in self.done.stderr.splitlines() if not x.startswith("{")]
        (line,) = lines
        assert line.startswith("plash error: cannot extract the tar: "), line
        return line.removeprefix("plash error: cannot extract the tar: ")

    @property
    def implied(self) -> list[str]:
        """The directories that the layer has not itself."""
        assert self.notes
        text = (self.notes / "implied").read_text("utf-8", "surrogateescape")
        assert not text or text.endswith("\0")
        return sorted(text.split("\0")[:-1])


@dataclass
class Unpacker:
    """Unpacks into work directories of the person's store."""

    plash: Bench
    made: int = 0

    def __call__(
        self, tar: bytes, *, layer: bool = False, env: dict[str, str] | None = None
    ) -> Unpacked:
        """Unpack a tar."""
        self.made += 1
        work = self.plash.work(f"unpack{self.made}")
        notes = work / "notes" if layer else None
        words: list[str | Path] = ["engine:extract", "--status-fd", "2"]
        script = 'exec "$@"'
        if notes:
            self.plash.person.run(["mkdir", notes], check=True)
            words += ["--layer", notes]
            script += ' >"$0/recipe"'
        line = ["sh", "-c", script, notes or "sh", self.plash.program, *words]
        with TemporaryFile() as stdin:
            stdin.write(tar)
            stdin.seek(0)
            places = self.plash.environment(env)
            done = self.plash.person.run(
                [*line, work / "data"], env=places, stdin=stdin
            )
        lines = done.stderr.splitlines()
        events = [json.loads(line) for line in lines if line.startswith("{")]
        return Unpacked(work / "data", notes, done, events)

    def commit(self, layer: Unpacked, parent: str | int = 0) -> str:
        """The id of the image that a layer becomes."""
        name = layer.top.parent.name
        assert layer.notes
        words: list[str | Path | int] = ["--implied", layer.notes / "implied"]
        words += [self.plash.store, parent, name]
        return self.plash("engine:commit", *words, check=True).stdout.strip()

    def facts(self, top: Path, *names: str) -> list[str]:
        """Mode, owner and time of files, as the person's root sees them."""
        script = 'cd "$0" && stat -c "%n %a %u:%g %Y" "$@"'
        return self.plash.sudo(script, top, *names).splitlines()


@pytest.fixture
def unpack(plash: Bench) -> Unpacker:
    """Unpack tars as the person."""
    os.umask(0o022)
    return Unpacker(plash)
