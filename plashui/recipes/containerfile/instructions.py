"""The instructions of a Containerfile as values, with variables not yet replaced."""

from __future__ import annotations

from plashui.base.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from plashui.recipes.containerfile.lines import Heredoc, Line


class Command(NamedTuple):
    """A command: words as they are run, or else one text for the shell."""

    words: tuple[str, ...] = ()
    text: str | None = None


class From(NamedTuple):
    """The beginning of a stage. `name` is in small letters, "" if it has none."""

    line: Line
    base: str
    name: str = ""
    platform: str = ""


class Arg(NamedTuple):
    """Variables of the build, each with its default, or None."""

    line: Line
    variables: tuple[tuple[str, str | None], ...]


class Env(NamedTuple):
    """Variables of the image."""

    line: Line
    pairs: tuple[tuple[str, str], ...]


class Label(NamedTuple):
    """Labels of the image."""

    line: Line
    pairs: tuple[tuple[str, str], ...]


class RunMount(NamedTuple):
    """The fields of a `--mount`, as they are written."""

    fields: tuple[tuple[str, str | None], ...]


class Run(NamedTuple):
    """A command that changes files."""

    line: Line
    command: Command
    heredocs: tuple[Heredoc, ...] = ()
    mounts: tuple[RunMount, ...] = ()
    network: bool = True


class Copy(NamedTuple):
    """COPY, or ADD if it `adds`: then archives are unpacked, and URLs fetched.

    `unpack` is None unless it is written; `owner` and `mode` are "" if not.
    `keeps_repository`: the `.git` of a repository is added, too.
    """

    line: Line
    sources: tuple[str, ...]
    heredocs: tuple[Heredoc, ...]
    target: str
    adds: bool
    origin: str = ""
    owner: str = ""
    mode: str = ""
    checksum: str = ""
    unpack: bool | None = None
    keeps_repository: bool = False
    parents: bool = False
    excluded: tuple[str, ...] = ()


class Text(NamedTuple):
    """An instruction with one text: WORKDIR USER STOPSIGNAL MAINTAINER ONBUILD."""

    line: Line
    text: str


class Words(NamedTuple):
    """An instruction with words: VOLUME EXPOSE SHELL. `raw`: they were JSON."""

    line: Line
    words: tuple[str, ...]
    raw: bool = False


class Start(NamedTuple):
    """What an image runs: ENTRYPOINT or CMD; None is an empty one."""

    line: Line
    command: Command


class Health(NamedTuple):
    """A HEALTHCHECK: a command and numbers, by their keys in the config."""

    line: Line
    command: Command | None
    numbers: tuple[tuple[str, int], ...] = ()


Instruction = From | Arg | Env | Label | Run | Copy | Text | Words | Start | Health
