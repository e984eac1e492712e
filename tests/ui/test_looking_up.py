"""What a registry says while a reference is typed into the import form."""

from __future__ import annotations

import hashlib
from pathlib import Path

from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from plashui.settings.config import Config
from plashui.store.store import Store
from plashui.transfer.imports.from_registry import image_at
from plashui.ui.model.sources.registry_look import known_references, look_up
from plashui.ui.model.sources.table import importing
from tests.registries import Registries
from tests.transfer.oci.images import Shelf, tar_of
from tests.transfer.repository import MANIFEST, SBOM, Repository
from tests.ui.driving import opened, parts_of, shows, text_of, told, until

STEPS = ("ENV A=b", "ADD it", "/bin/sh -c #(nop)  CMD sh")


def rows_of(app: App[None], *words: str) -> list[str]:
    """The lines on the screen that have one of these words, without the frame."""
    lines = (
        " ".join(line.strip(" │▕▏┃").split()) for line in text_of(app).splitlines()
    )
    return [line for line in lines if any(word in line for word in words)]


async def opened_form(pilot: Pilot[None]) -> Input:
    """Open the import form; its field for a reference."""
    await pilot.press("p")
    await shows(pilot, "Import a root filesystem")
    return pilot.app.screen.query_one("#image", Input)


async def test_the_price_is_shown_before_anything_is_pulled(
    sample: Store, host: str
) -> None:
    async with opened(sample) as (app, pilot):
        field = await opened_form(pilot)
        field.value = f"{host}/tools:one"
        await shows(pilot, "layers 2", "to fetch", "on disk about", "free")
        await pilot.press("ctrl+o")
        await shows(pilot, "sha256:", "linux/amd64", "layers, the lowest first", " B  ")
        await pilot.press("down", "pagedown", "escape")
        await shows(pilot, "to fetch")
        field.value = f"{host}/none:at-all"
        await shows(pilot, "none")
        await until(
            pilot, lambda: "to fetch" not in text_of(app), "the old price to go"
        )
        digest = f"sha256:{hashlib.sha256(b'').hexdigest()}"
        field.value = f"{host}/tools@{digest}"
        await shows(pilot, "no")
        await until(pilot, lambda: "tags:" not in text_of(app), "no tags")
        field.value = "Not A Name"
        await until(
            pilot, lambda: not app.screen.query_one("#look").display, "nothing said"
        )
        await pilot.press("escape")
    assert [path.name for path in sample.path.glob("layer/0/*/20")] == []


async def test_the_history_is_shown_with_the_steps_that_made_no_layer(
    nothing: Store, registries: Registries, host: str, tmp_path: Path
) -> None:
    shelf = Shelf()
    steps = [{"created_by": by, "empty_layer": by != STEPS[1]} for by in STEPS]
    shelf.image("it", [tar_of({"it": "it"})], history=steps, Cmd=["sh"])
    registries.put(f"oci:{shelf.layout(tmp_path / 'layout', 'it')}:it", "made:it")
    async with opened(nothing) as (app, pilot):
        field = await opened_form(pilot)
        field.value = f"{host}/made:it"
        await shows(pilot, "layers 1", "to fetch")
        await pilot.press("ctrl+o")
        await shows(pilot, "layers, the lowest first", "CMD sh")
        _head, *rows = rows_of(app, "layers, the lowest", "ENV", "ADD", "CMD")
        assert rows == ["- ENV A=b", f"{rows[1].split()[0]} B ADD it", "- CMD sh"]
        await pilot.press("escape", "escape")
        work = importing(nothing, {"source": "oci", "image": field.value, "name": ""})
        parts_of(app).jobs.start("Import", work)
        await told(pilot, ": image 1")
        await pilot.press("o", "2")
        await shows(pilot, "HIDES", "CMD sh", "in 1 layer")
        rows = rows_of(app, "CMD sh", "ADD it", "ENV A=b")
        assert rows == ["- CMD sh", "ADD it", "- ENV A=b"]


async def test_tags_are_shown_and_complete_what_is_typed(
    sample: Store, host: str
) -> None:
    async with opened(sample) as (_app, pilot):
        field = await opened_form(pilot)
        field.value = f"{host}/tools:"
        await shows(pilot, "tags: one, two")
        field.value = f"{host}/tools:t"
        field.cursor_position = len(field.value)
        await shows(pilot, "tags: two", "tools:two")
        await pilot.press("w", "right")
        await until(pilot, lambda: field.value == f"{host}/tools:two", "the tag")
        await shows(pilot, "layers 1")
        await pilot.press("escape")


def test_what_was_imported_before_and_known_registries_are_offered(host: str) -> None:
    origins = ["debian:12", "debian-12.tar", "https://a/b.tar", "debian:12", "x:1"]
    assert known_references(origins) == ("debian:12", "x:1", f"{host}/")


def test_a_text_that_is_no_reference_is_not_looked_up(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    assert look_up(store, "") is None
    assert look_up(store, "Not A Name") is None
    digest = hashlib.sha256(b"").hexdigest()
    assert look_up(store, f"a@sha256:{digest}") is not None


async def test_what_refers_to_the_image_is_in_the_longer_text(
    nothing: Store, registries: Registries, host: str
) -> None:
    registries.put_files("referred/to:1", {"etc/a": "a"})
    with image_at(f"{host}/referred/to:1", Config()) as found:
        digest = found.plan(nothing).image.digest
    repository = Repository(host, "referred/to")
    subject = {"mediaType": MANIFEST, "digest": digest, "size": 1}
    repository.refer(digest, repository.artifact(subject, SBOM, by="[red]\x1b[31m"))
    async with opened(nothing) as (_app, pilot):
        field = await opened_form(pilot)
        field.value = f"{host}/referred/to:1"
        await shows(pilot, "to fetch", "config and what refers to it")
        await pilot.press("ctrl+o", *["pagedown"] * 3)
        await shows(pilot, "what refers to it", SBOM, "by=[red]\\x1b[31m")
        await pilot.press("escape", "escape")
