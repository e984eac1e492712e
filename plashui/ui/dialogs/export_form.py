"""The forms for exports and mounts."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Report
from plashui.store.run_spec import command_line
from plashui.store.store import Store
from plashui.ui.model.forms import (
    Field,
    Form,
    Values,
    is_directory,
    path_of,
    typed_path,
)
from plashui.ui.model.jobs import Outcome, Work


def export_form(store: Store, image: int) -> Form:
    """Form that asks for the format of an export and its place."""

    def check(values: Values) -> None:
        target = target_of(values)
        if _is_tar(values):
            from plashui.transfer.compression import packer

            packer(target.name)
            if is_directory(target):
                raise PlashError(f"{target} is a directory", "Name a file in it")
        else:
            from plashui.transfer.export import place_for

            place_for(store, target)
        if not is_directory(target.parent):
            raise PlashError(f"There is no directory {target.parent}")

    def line(values: Values) -> str:
        if _is_tar(values):
            words = ["push:tarfile", str(image), typed_path(values, "file", "FILE")]
        else:
            words = ["push:dir", str(image), typed_path(values, "copy", "DIR")]
        return command_line(words, store.root)

    return Form(
        name="export",
        title=f"Export image {image}",
        fields=(
            Field(
                "as",
                "As",
                "choice",
                options=(("tar", "tar file"), ("dir", "directory")),
            ),
            Field(
                "file",
                "File",
                "path",
                ".tar, or .tar.gz .zst .xz .bz2",
                when=("as", ("tar",)),
            ),
            Field(
                "copy",
                "Directory",
                "directory",
                "must be new, or empty",
                when=("as", ("dir",)),
            ),
        ),
        button="Export",
        hint="← → select the format; tab or → completes a path",
        check=check,
        line=line,
    )


def _is_tar(values: Values) -> bool:
    return values.get("as") == "tar"


def target_of(values: Values) -> Path:
    """Path that the export is written to."""
    if _is_tar(values):
        return path_of(values.get("file", ""), "file")
    return path_of(values.get("copy", ""), "directory")


def replaced(values: Values) -> Path | None:
    """File that the export would replace, None if there is none."""
    target = target_of(values)
    return target if _is_tar(values) and os.path.lexists(target) else None


def exporting(store: Store, image: int, values: Values) -> Work:
    """Work of a job that exports the image as the form says."""
    target = target_of(values)

    def work(report: Report, cancel: Cancel) -> Outcome:
        from plashui.transfer.export import export_directory, export_tar

        remarks: list[str] = []
        if _is_tar(values):
            export_tar(store, image, target, report=report, cancel=cancel)
        else:
            done = export_directory(store, image, target, report=report, cancel=cancel)
            remarks = done.remarks(target)
        return Outcome("; ".join(["written", *remarks]))

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
