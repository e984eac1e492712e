"""The forms for exports and mounts."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.light import TYPE_CHECKING, NamedTuple
from plashui.base.progress import Cancel, Report
from plashui.store.run_spec import command_line
from plashui.store.store import Store
from plashui.ui.model.exports import app as export_app
from plashui.ui.model.forms.form import Field, Form, Values, about
from plashui.ui.model.forms.typed import is_directory, path_of, typed_path
from plashui.ui.model.jobs.job import Outcome, Work

if TYPE_CHECKING:
    from typing import Final, Literal

    from plashui.transfer.registry.reference import Reference
    from plashui.transfer.ssh.address import Address


class _Format(NamedTuple):
    """A form in which an image leaves; `field` is where its place is typed."""

    name: str
    verb: str
    field: str
    place: Literal["file", "directory", "name", "machine"] = "file"


_FORMATS: Final = {
    "tar": _Format("tar file", "push:tarfile", "file"),
    "dir": _Format("directory", "push:dir", "copy", "directory"),
    "registry": _Format("registry", "push:oci", "name", "name"),
    "ssh": _Format("machine, by ssh", "push:ssh", "machine", "machine"),
    "layers": _Format("file for docker, podman", "push:file", "layers"),
    "app": _Format("one executable file", "push:app", "app_file"),
    "squashfs": _Format("squashfs, for Slurm", "push:squashfs", "squashfs"),
    "bundle": _Format("OCI bundle", "push:bundle", "copy", "directory"),
}


def export_form(store: Store, image: int) -> Form:
    """Form that asks for the format of an export and its place."""

    def check(values: Values) -> None:
        with about(_format(values).field):
            _check(store, image, values)

    def line(values: Values) -> str:
        form = _format(values)
        is_app = form.verb == "push:app"
        which = export_app.words(values, image) if is_app else [str(image)]
        words = [form.verb, *which]
        if form.place in ("name", "machine"):
            missing = "NAME" if form.place == "name" else "ADDRESS"
            words.append(values.get(form.field, "").strip() or missing)
        else:
            missing = "FILE" if form.place == "file" else "DIR"
            words.append(typed_path(values, form.field, missing))
        return command_line(words, store.root)

    return Form(
        name="export",
        title=f"Export image {image}",
        fields=(
            Field(
                "as",
                "As",
                "choice",
                options=tuple((key, form.name) for key, form in _FORMATS.items()),
            ),
            Field(
                "file",
                "File",
                "path",
                ".tar, or .tar.gz .zst .xz .bz2",
                when=("as", ("tar",)),
            ),
            Field(
                "name",
                "Name",
                "text",
                "registry.example.org/team/web:1",
                when=("as", ("registry",)),
            ),
            Field(
                "machine",
                "Machine",
                "text",
                "ssh://host/, or ssh://user@host/docker",
                when=("as", ("ssh",)),
            ),
            Field(
                "layers",
                "File",
                "path",
                ".oci.tar, or .docker.tar for docker",
                when=("as", ("layers",)),
            ),
            *export_app.FIELDS,
            Field(
                "squashfs",
                "File",
                "path",
                ".sqsh: for enroot, charliecloud, apptainer",
                when=("as", ("squashfs",)),
            ),
            Field(
                "copy",
                "Directory",
                "directory",
                "must be new, or empty",
                when=("as", ("dir", "bundle")),
            ),
        ),
        button="Export",
        hint="← → select the format; tab or → completes a path",
        check=check,
        line=line,
    )


def _check(store: Store, image: int, values: Values) -> None:
    place = _format(values).place
    if place == "name":
        _reference(values)
        return
    if place == "machine":
        _machine(store, image, values)
        return
    target = _path(values)
    if place == "directory":
        from plashui.transfer.exports.tree import place_for

        place_for(store, target)
    elif is_directory(target):
        raise PlashError(f"{target} is a directory", "Name a file in it")
    elif values.get("as") == "tar":
        from plashui.transfer.compression import packer

        packer(target.name)
    elif values.get("as") == "layers":
        from plashui.transfer.exports.to_file import check_suffix

        check_suffix(target)
    elif values.get("as") == "app":
        export_app.check(store, target, values)
    if not is_directory(target.parent):
        raise PlashError(f"There is no directory {target.parent}")


def _format(values: Values) -> _Format:
    return _FORMATS.get(values.get("as", ""), _FORMATS["dir"])


def target_of(values: Values) -> str:
    """Where the image goes, for people: a path or a name."""
    form = _format(values)
    if form.place in ("name", "machine"):
        return values[form.field].strip()
    return str(_path(values))


def _path(values: Values) -> Path:
    """Path that the export is written to."""
    form = _format(values)
    kind = "file" if form.place == "file" else "directory"
    return path_of(values.get(form.field, ""), kind)


def _reference(values: Values) -> Reference:
    """Name that the image is pushed to."""
    from plashui.settings import config
    from plashui.transfer.registry.reference import parse

    default = config.load().config.default_registry
    return parse(values.get("name", "").strip(), default)


def _machine(store: Store, image: int, values: Values) -> tuple[Address, str]:
    """Machine that the image is pushed to, and what it is called there."""
    from plashui.transfer.ssh.address import parse
    from plashui.transfer.ssh.push import name_there

    return parse(values.get("machine", "").strip()), name_there(store, str(image))


def replaced(values: Values) -> Path | None:
    """File that the export would replace, None if there is none."""
    if _format(values).place != "file":
        return None
    target = _path(values)
    return target if os.path.lexists(target) else None


def exporting(store: Store, image: int, values: Values) -> Work:
    """Work of a job that exports the image as the form says."""
    form = values.get("as")
    if form in ("registry", "layers"):
        return _pushing(store, image, values)
    if form == "ssh":
        return _pushing_by_ssh(store, image, values)
    target = _path(values)

    def work(report: Report, cancel: Cancel) -> Outcome:
        return Outcome("; ".join(["written", *_exported(report, cancel)]))

    def _exported(report: Report, cancel: Cancel) -> list[str]:
        from plashui.transfer.exports import bundle, squashfs
        from plashui.transfer.exports import tree as export

        if form == "tar":
            export.export_tar(store, image, target, report=report, cancel=cancel)
            return []
        if form == "squashfs":
            make = squashfs.export_squashfs
            return make(store, image, target, report=report, cancel=cancel)
        if form == "app":
            return export_app.make(store, image, target, values, report, cancel)
        if form == "bundle":
            made = bundle.export_bundle(
                store, image, target, report=report, cancel=cancel
            )
            return made.remarks(target)
        done = export.export_directory(
            store, image, target, report=report, cancel=cancel
        )
        return done.remarks(target)

    return work


def starts(values: Values) -> Path | None:
    """File that can be started once it is written, None if it is no program."""
    return _path(values) if values.get("as") == "app" else None


def _pushing(store: Store, image: int, values: Values) -> Work:
    """Work of a job that sends the layers of an image, and its config."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.settings import config
        from plashui.transfer.exports.to_file import export_layers, format_of
        from plashui.transfer.exports.to_registry import destination_at

        if values.get("as") == "layers":
            target = _path(values)
            done = export_layers(
                store,
                image,
                target,
                form=format_of(target.name),
                report=report,
                cancel=cancel,
            )
            return Outcome("; ".join(["written", *done.said]))
        loaded = config.load().config
        with destination_at(str(_reference(values)), loaded, cancel=cancel) as to:
            done = to.push(store, image, report=report, cancel=cancel)
        return Outcome("; ".join([done.sentence(), *to.uploads.told, *done.said]))

    return work


def _pushing_by_ssh(store: Store, image: int, values: Values) -> Work:
    """Work of a job that has an engine of another machine pull the image."""

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.transfer.ssh.push import push_by_ssh

        to, name = _machine(store, image, values)
        done = push_by_ssh(  # the terminal is the app's
            store, image, to, name, report=report, may_ask=False, cancel=cancel
        )
        return Outcome(done.sentence())

    return work


def mount_form(image: int, root: str = "") -> Form:
    """Form that asks where to mount an image of the store at `root`."""

    def check(values: Values) -> None:
        place = path_of(values["mountpoint"], "directory")
        if is_directory(place) is False:
            raise PlashError(f"{place} is not a directory")

    return Form(
        name="mount",
        title=f"Mount image {image}",
        fields=(Field("mountpoint", "Directory", "directory", "created if missing"),),
        button="Mount",
        hint="All programs can read the image there; tab or → completes a path",
        check=check,
        line=lambda values: _mount_line(image, values, root),
    )


def _mount_line(image: int, values: Values, root: str) -> str:
    place = typed_path(values, "mountpoint", "")
    line = command_line(["mount", str(image), place or "DIR"], root)
    return f"mkdir -p {shlex.quote(place)} && {line}" if place else line
