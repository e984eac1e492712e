"""Images leave from the app with their layers: to a registry, or as a file."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import Final

import pytest

from plashui.store.store import Store
from plashui.ui.model.sources.table import importing
from tests.ui.driving import opened, parts_of, shows, told
from tests.ui.test_doing import fill, objects

FAKE_SSH: Final = """#!/bin/sh
while [ "$1" != -R ]; do shift; done
echo "Allocated port 7 for remote forward to ${2#127.0.0.1:0:}" >&2
read -r line
echo plash-push engine docker
echo "no room for $4" >&2
exit 1
"""
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
        await pilot.press("up", "right", "right")
        await shows(pilot, "plash push:file")
        fill(app, layers=f"{tmp_path}/it.docker.tar.gz")
        await pilot.press("down", "enter")
        await objects(pilot, "its layers are compressed already")
        fill(app, layers=f"{tmp_path}/it.docker.tar")
        await pilot.press("enter")
        await told(pilot, "it.docker.tar: written")
    with tarfile.open(tmp_path / "it.docker.tar") as tar:
        assert "manifest.json" in tar.getnames()


async def test_an_image_goes_to_a_machine_by_ssh(
    sample: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the engine there says is the log of the job; ssh may ask for nothing."""
    ssh = tmp_path / "ssh"
    ssh.write_text(FAKE_SSH)
    ssh.chmod(0o755)
    monkeypatch.setenv("PLASH_SSH", str(ssh))
    async with opened(sample) as (app, pilot):
        await pilot.press("E")
        await shows(pilot, "Export image")
        await pilot.press("up", "right", "right", "right")
        await shows(pilot, "plash push:ssh", "ADDRESS")
        fill(app, machine="ssh://host/rocket")
        await pilot.press("down", "enter")
        await objects(pilot, "is not an engine")
        fill(app, machine="ssh://host/docker")
        await pilot.press("enter")
        await told(pilot, "docker there failed: no room for BatchMode=yes")
