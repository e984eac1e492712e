"""A pull in the app: each layer's progress, a cancel that keeps layers, a retry."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from plashui.store.store import Store
from plashui.transfer.registry.client import Registry
from plashui.ui.model.sources.table import importing
from tests.registries import Registries
from tests.ui.driving import opened, parts_of, shows, told, until


async def test_a_cancelled_pull_keeps_its_layers_and_a_retry_goes_on(
    nothing: Store,
    registries: Registries,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = tmp_path / "config/plashui/config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[registries."{registries.plain}"]\ninsecure = true\n')
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    files = [{f"f{n}": os.urandom(n * 300_000).hex()} for n in (1, 2, 3)]
    registries.put_files("app/layers", *files)
    image = f"{registries.plain}/app/layers:latest"
    go_on, sizes, ask = threading.Event(), list[int](), Registry.blob

    def blob(registry: Registry, digest: str, size: int, start: int = 0) -> Any:
        """Let the big layer wait the first time."""
        big = size > 800_000
        if big and size not in sizes:
            sizes.append(size)
            go_on.wait(60)
        elif size > 100_000:
            sizes.append(size)
        return ask(registry, digest, size, start)

    monkeypatch.setattr(Registry, "blob", blob)
    async with opened(nothing) as (app, pilot):
        values = {"source": "oci", "image": image, "platform": "", "name": ""}
        work = importing(nothing, values)
        job = parts_of(app).jobs.start(f"Import {image}", work)
        await shows(pilot, "2 of 3 layers")
        await pilot.press("J")
        await shows(pilot, "layer 1 of 3 is complete", "1 layer,", "waits", "2 of 3")
        await pilot.press("x")
        go_on.set()
        await until(pilot, lambda: not job.running, "the cancel")
        await shows(pilot, "2 of 3 layers are complete and kept", "goes on from there")
        assert len(sizes) == 3
        await pilot.press("r")
        await told(pilot, ": image 3")
        assert len(sizes) == 4, "only the layer that was missing was fetched again"
    assert sorted(nothing.read().images) == [1, 2, 3]
