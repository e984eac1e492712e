"""The table of sources that images are imported from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from plashui.base.errors import PlashError
from plashui.base.progress import Cancel, Report
from plashui.store.store import Store
from plashui.ui.model.forms.form import Field, Form, Values
from plashui.ui.model.forms.new_image import (
    NAME,
    line_with_name,
    made,
    new_name,
    taken_names,
)
from plashui.ui.model.forms.typed import is_directory, path_of, typed_path
from plashui.ui.model.jobs.job import Outcome, Work
from plashui.ui.model.sources.loads import (
    Loaded,
    chosen_platform,
    from_directory,
    from_docker,
    from_file,
    from_image_server,
    from_registry,
    from_url,
)
from plashui.ui.model.sources.registry_look import known_references, look_up

if TYPE_CHECKING:
    from plashui.model.forest import Forest


class Source(NamedTuple):
    """One kind of source.

    `check` raises PlashError for invalid values, `words` returns the command line, and
    `of` the name shown during the import.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    check: Callable[[Values], object]
    words: Callable[[Values], list[str]]
    of: Callable[[Values], str]
    load: Callable[[Store, Values, Report, Cancel], Loaded]


def _check_release(values: Values) -> None:
    if not values.get("release"):
        raise PlashError("Which release?")
    from plashui.settings import config
    from plashui.transfer.lxc.server import address

    address(config.load().config)


def _check_image(values: Values) -> None:
    if not values.get("image"):
        raise PlashError("Which image?")
    from plashui.settings import config
    from plashui.transfer.registry.reference import parse

    parse(values["image"], config.load().config.default_registry)
    chosen_platform(values)


def _image_words(values: Values) -> list[str]:
    typed = values.get("platform", "")
    options = ["--platform", typed] if typed else []
    return ["pull:oci", *options, values.get("image") or "NAME"]


def _check_saved(values: Values) -> None:
    if not values.get("image"):
        raise PlashError("Which image?")
    from plashui.helper.containers import Containers

    Containers()


def _check_file(values: Values) -> None:
    file = path_of(values.get("file", ""), "file")
    if is_directory(file) is None:
        raise PlashError(f"There is no file {file}")


def _file_words(values: Values) -> list[str]:
    ref = values.get("ref", "")
    options = ["--ref", ref] if ref else []
    return ["pull:file", *options, typed_path(values, "file", "FILE")]


def _check_directory(values: Values) -> Path:
    directory = path_of(values.get("directory", ""), "directory")
    if not is_directory(directory):
        raise PlashError(f"There is no directory {directory}")
    return directory


def _check_url(values: Values) -> None:
    if not values.get("url"):
        raise PlashError("Which URL?")
    from plashui.transfer.web.url import check

    check(values["url"], values.get("sha256", ""))


def _url_words(values: Values) -> list[str]:
    digest = values.get("sha256", "")
    options = ["--sha256", digest] if digest else []
    return ["pull:url", *options, values.get("url") or "URL"]


def _url_title(values: Values) -> str:
    from plashui.transfer.web.requests import shown

    return shown(values["url"]).rstrip("/").rpartition("/")[2] or values["url"]


_IMAGE: Final = Field("image", "Image", hint="debian:bookworm, quay.io/a/b:1")

_PLATFORM: Final = Field(
    "platform", "Platform", hint="if not this machine's: linux/arm64", remembered=False
)

SOURCES: Final = (
    Source(
        "oci",
        "registry",
        (_IMAGE, _PLATFORM),
        _check_image,
        _image_words,
        lambda values: values["image"],
        from_registry,
    ),
    Source(
        "docker",
        "docker",
        (_IMAGE,),
        _check_saved,
        lambda values: ["pull:docker", values.get("image") or "IMAGE"],
        lambda values: values["image"],
        from_docker,
    ),
    Source(
        "file",
        "file",
        (
            Field("file", "File", "path", "tar, OCI layout or docker archive"),
            Field("ref", "Which", hint="if there are several", remembered=False),
        ),
        _check_file,
        _file_words,
        lambda values: path_of(values["file"], "file").name,
        from_file,
    ),
    Source(
        "lxc",
        "lxc",
        (Field("release", "Release", hint="debian:trixie, alpine:edge"),),
        _check_release,
        lambda values: ["pull:lxc", values.get("release") or "DISTRO:RELEASE"],
        lambda values: values["release"],
        from_image_server,
    ),
    Source(
        "url",
        "URL",
        (
            Field("url", "URL", "url", "http or https; whatever a file may be"),
            Field(
                "sha256",
                "SHA-256",
                hint="optional",
                remembered=False,  # it belongs to one file only
            ),
        ),
        _check_url,
        _url_words,
        _url_title,
        from_url,
    ),
    Source(
        "dir",
        "directory",
        (Field("directory", "Directory", "directory", "is copied"),),
        _check_directory,
        lambda values: ["pull:dir", typed_path(values, "directory", "DIR")],
        lambda values: path_of(values["directory"], "directory").name or "/",
        from_directory,
    ),
)


def source_of(values: Values) -> Source:
    """Return the source that was chosen."""
    return next(one for one in SOURCES if one.name == values["source"])


def import_form(store: Store, forest: Forest | None = None, source: str = "") -> Form:
    """Form for an import into the store, whose images are in `forest`.

    `source` is the name of the one that is chosen at first.
    """
    images = forest.images.values() if forest else ()
    before = known_references(node.origin for node in reversed(tuple(images)))

    def check(values: Values) -> None:
        source_of(values).check(values)
        new_name(values).check(store)

    choice = Field(
        "source",
        "From",
        "choice",
        options=tuple((one.name, one.label) for one in SOURCES),
        value=source,
    )
    users: dict[Field, tuple[str, ...]] = {}
    for one in SOURCES:
        for field in one.fields:
            users[field] = (*users.get(field, ()), one.name)
    theirs = [
        field._replace(when=("source", names), offers=before if field is _IMAGE else ())
        for field, names in users.items()
    ]
    return Form(
        name="import",
        title="Import a root filesystem",
        fields=(choice, *theirs, NAME),
        button="Import",
        hint="← → select the source; tab or → completes a path",
        check=check,
        line=lambda values: line_with_name(
            source_of(values).words(values), values, store.root
        ),
        look=lambda values: (
            look_up(store, values["image"], values["platform"])
            if values["source"] == "oci"
            else None
        ),
        taken=taken_names(forest) if forest else {},
    )


def importing(store: Store, values: Values) -> Work:
    """Return the work of a job that imports the image."""
    source = source_of(values)

    def work(report: Report, cancel: Cancel) -> Outcome:
        loaded = source.load(store, values, report, cancel)
        return made(loaded.image, new_name(values), loaded.said)

    return work
