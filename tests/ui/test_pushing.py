"""Images leave from the app with their layers: to a registry, or as a file."""

from __future__ import annotations

import tarfile
from pathlib import Path

from plashui.store.store import Store
from plashui.ui.model.sources import importing
from tests.ui.driving import opened, parts_of, shows, told
from tests.ui.test_doing import fill, objects

LAYERS = {"source": "oci", "name": ""}


async def test_an_image_goes_to_a_registry_and_into_a_file_for_docker(
    nothing: Store, host: str, tmp_path: Path
) -> None:
    async with opened(nothing) as (app, pilot):
        work = importing(nothing, {**LAYERS, "image": f"{host}/tools:one"})
        parts_of(app).jobs.start("Import", work)
        await told(pilot, ": image 2")
        await pilot.press("E")
        await shows(pilot, "Export image")
        await pilot.press("up", "right", "right")
        await shows(pilot, "plash push:oci", "NAME")
        fill(app, name="Not A Name")
        await pilot.press("down", "enter")
        await objects(pilot, "is not the name of an image")
        fill(app, name=f"{host}/pushed/it:1")
        await pilot.press("enter")
        await told(pilot, "all there already")
        await pilot.press("E")
        await shows(pilot, "Export image", f"{host}/pushed/it:1")
        await pilot.press("up", "right")
        await shows(pilot, "plash push:file")
        fill(app, layers=f"{tmp_path}/it.docker.tar.gz")
        await pilot.press("down", "enter")
        await objects(pilot, "its layers are compressed already")
        fill(app, layers=f"{tmp_path}/it.docker.tar")
        await pilot.press("enter")
        await told(pilot, "it.docker.tar: written")
    with tarfile.open(tmp_path / "it.docker.tar") as tar:
        assert "manifest.json" in tar.getnames()
