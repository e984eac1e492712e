"""Make the store of the demo."""

from __future__ import annotations

import contextlib
import shlex
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING
from plashui.helper import process
from plashui.operations.build import commit, environment
from plashui.operations.removal_plan import plan_removal
from plashui.operations.remove import remove
from plashui.store import marks, names
from plashui.store.changes import changes_directory
from plashui.store.disk_usage import measured
from plashui.store.metadata import META, read_json, write_json
from plashui.store.run_spec import Way
from plashui.store.store import Store
from plashui.store.workdir import workdir
from plashui.transfer.demo import contents
from plashui.transfer.demo.host_tree import HostTree

if TYPE_CHECKING:
    from typing import Final

    from plashui.transfer.demo.contents import Demo, Package

_DAY: Final = 86_400.0
_UNSAVED_SINCE: Final = 7200.0
"""Seconds since the shell that left unsaved changes has ended."""


def make(place: Store) -> None:
    """Make the store and its images, all from this machine's own files."""
    place.create()
    store = Store(place.root, lasts=False)
    made: dict[str, int] = {}
    listed: dict[str, tuple[Package, ...]] = {}
    for one in contents.IMAGES:
        listed[one.key] = (*listed.get(one.on, ()), *one.packages)
        made[one.key] = _image(store, one, made, listed[one.key])
    marks.pin(store, made[contents.PINNED])
    _leave_changes(store, made[contents.UNSAVED])
    plan = plan_removal(store, measured(store, store.read()), [made[contents.IN_TRASH]])
    remove(store, plan, trash=True)


def _image(
    store: Store, one: Demo, made: Mapping[str, int], listed: tuple[Package, ...]
) -> int:
    with workdir(store) as work:
        tree = HostTree(work.path / "data")
        tree.root.mkdir(mode=0o755)
        if one.system[0]:
            _add_system(tree, one)
        for name in one.programs:
            tree.add_program(name)
        if one.python:
            tree.add_python()
        for package in one.packages:
            _write(tree.root, package.files)
        _write(tree.root, one.files)
        if one.packages:
            _list_packages(tree.root, listed)
        parent = made[one.on] if one.on else 0
        words = {"command": shlex.split(one.origin)} if one.on else {}
        image = commit(store, parent, work, one.origin, more=words)
    _date(store, image, one)
    if one.named:
        names.set_name(store, one.key, image)
    if one.note:
        marks.write_note(store, image, one.note)
    return image


def _add_system(tree: HostTree, one: Demo) -> None:
    tree.lay_out(*one.system)
    if tree.add_busybox():
        return
    if not tree.add_program("sh"):
        raise PlashError("cannot make an image: this machine has no shell")
    tree.add_coreutils()


def _write(root: Path, files: Mapping[str, int | str]) -> None:
    """Write files of a table; those with a size are filled from this machine's."""
    source = Path(sys.executable).resolve().read_bytes()
    for name, what in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(what, str):
            file.write_text(what)
            continue
        with file.open("wb") as out:
            left = what * 1000
            while left > 0:
                left -= out.write(source[:left])


def _list_packages(root: Path, packages: tuple[Package, ...]) -> None:
    """Write the database of dpkg, or of apk where the versions are apk's."""
    if packages[0].version.partition("-")[2].startswith("r"):
        records = []
        for one in packages:
            records += [f"P:{one.name}", f"V:{one.version}", "A:x86_64"]
            for path in one.files:
                directory, _slash, name = path.rpartition("/")
                records += [f"F:{directory}", f"R:{name}"]
            records.append("")
        _write(root, {"usr/lib/apk/db/installed": "\n".join(records)})
        return
    stanzas = [
        f"Package: {one.name}\nStatus: install ok installed\n"
        f"Architecture: amd64\nVersion: {one.version}\n"
        for one in packages
    ]
    _write(root, {"var/lib/dpkg/status": "\n".join(stanzas)})
    for one in packages:
        lines = "".join(f"/{path}\n" for path in one.files)
        _write(root, {f"var/lib/dpkg/info/{one.name}.list": lines})


def _date(store: Store, image: int, one: Demo) -> None:
    """Let the image be as old as the table says, and so its last use."""
    note = store.path / store.layer(image) / META / "image.json"
    created = datetime.fromtimestamp(time.time() - one.days * _DAY, UTC)
    told = {**read_json(note), "created": created.isoformat(timespec="seconds")}
    write_json(note, told, durable=False)
    if one.used is not None:
        marks.note_use(store, image, time.time() - one.used * _DAY)


def _leave_changes(store: Store, image: int) -> None:
    with workdir(store) as work:
        _write(work.path / "data", contents.CHANGES)
        (work.path / "work").mkdir(mode=0o700)
        saved = {"saved": time.time() - _UNSAVED_SINCE}
        changes_directory.keep(store, image, work.path, Way(), saved)


@contextlib.contextmanager
def in_use(store: Store) -> Iterator[None]:
    """Let a process run in an image of the demo during the block.

    It ends with this process, even if that is killed. Without the rights to enter
    images nothing runs, and without the image neither.
    """
    try:
        image = str(store.resolve(contents.IN_USE))
    except PlashError:  # somebody has removed it
        yield
        return
    words = ["run", image, "tail", "-f", "/dev/null"]
    with process.in_background(words, environment(store)):
        yield
